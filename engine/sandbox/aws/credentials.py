"""The access keys with which the sandbox's AWS accounts are entered; play keys that open nothing else."""

import base64
import hashlib

from engine.sandbox.company import Cloud, Company

KEY_PREFIX = "AKIA"


def credentials(company: Company) -> dict[str, tuple[str, str]]:
    """Return `{account id: (access key id, secret access key)}` for every AWS account of the company."""
    return {
        account.id: access_key(seed=company.seed, account_id=account.id) for account in company.accounts_of(Cloud.AWS)
    }


def access_key(*, seed: int, account_id: str) -> tuple[str, str]:
    """Return one account's access key id (20 characters, as IAM makes them) and its secret (40 characters)."""
    digest = hashlib.sha512(f"sandbox/{seed}/{account_id}".encode()).digest()
    letters = base64.b32encode(digest[:20]).decode()
    secret = base64.b64encode(digest[20:50]).decode()
    return KEY_PREFIX + letters[:16], secret[:40]
