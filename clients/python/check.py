"""Ten calls through generated clients, against a server that has just started."""

import os

from generated import accounts, console_v1alpha1 as console, gateway_v1 as gateway
from generated import auth_v1 as me, verification
from generated.accounts.api.account import register as sign_up
from generated.accounts.api.sessions import login as log_in
from generated.accounts.models import LoginRequest as AccountLogin, RegisterRequest, RegisterUser
from generated.auth_v1.api.account import get_my_user, verify_my_email
from generated.auth_v1.models import GetMyUserResponse, Status, VerifyMyEmailRequest
from generated.console_v1alpha1.api.users import create_user, get_user_detail, list_users
from generated.console_v1alpha1.models import CreateUserRequest, Problem, User
from generated.gateway_v1.api.sessions import login
from generated.gateway_v1.models import LoginRequest
from generated.verification.api.tenant import get_status

url, name, password = (os.environ[key] for key in ("E2E_URL", "E2E_USER", "E2E_PASSWORD"))

tokens = login.sync(client=gateway.Client(url), body=LoginRequest(username=name, password=password))
assert tokens.user.username == name, "1: signed in"

client = console.AuthenticatedClient(url, token=tokens.access_token)
new = CreateUserRequest(name="python", email="python@example.com", password=password)
made = create_user.sync(client=client, body=new, idempotency_key="python-1")
assert isinstance(made, User) and made.metadata.name == "python", "2: created"
again = create_user.sync(client=client, body=new, idempotency_key="python-1")
assert again == made, "3: created once"
users = list_users.sync(client=client, size=1)
assert users.total == 2 and len(users.items) == 1, "4: listed"
missing = get_user_detail.sync_detailed("nobody", client=client)
assert missing.status_code == 404, "5: a problem"

mine = me.AuthenticatedClient(url, token=tokens.access_token)
own = get_my_user.sync(client=mine)
assert isinstance(own, GetMyUserResponse) and own.user.user_name == name, "6: myself"
wrong = verify_my_email.sync_detailed(client=mine, body=VerifyMyEmailRequest(code="000000"))
assert wrong.status_code >= 400, "7: a status"

theirs = accounts.Client(url)
user = RegisterUser(email="accounts@example.com", first_name="Ada")
signed_up = sign_up.sync_detailed(client=theirs, body=RegisterRequest(user=user, password=password, confirm_password=password))
assert signed_up.status_code == 201 and signed_up.parsed is not None, "8: signed up"
signed_in = log_in.sync(client=theirs, body=AccountLogin(email="accounts@example.com", password=password))
assert signed_in.token, "9: signed in"

status = get_status.sync(client=verification.Client(url))
assert status.success, "10: an envelope"
