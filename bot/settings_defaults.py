"""What the reader of the settings and the models of their tables both begin from."""

PREFIX = "ESCHER_"
DATA_DIR = "~/.escher"
SLACK_API = "https://slack.com/api/"
