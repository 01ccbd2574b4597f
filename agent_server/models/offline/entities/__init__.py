"""What a message is made of: each file finds one family of facts and returns spans; none knows the intent."""
