"""Calls by grpcio, with modules made of proto/, against a server that has just started."""

import json
import os
import re
import time
import urllib.request

import grpc
from google.protobuf.descriptor_pool import DescriptorPool
from google.rpc import error_details_pb2, status_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase
from zitadel.auth.v1 import auth_pb2, auth_pb2_grpc
from zitadel.v1 import message_pb2

url, name, password = (os.environ[key] for key in ("E2E_URL", "E2E_USER", "E2E_PASSWORD"))
CONSOLE = "/apis/console/v1alpha1"


def ask(path, body=None, token=None):
    headers = {"content-type": "application/json"} | ({"authorization": f"Bearer {token}"} if token else {})
    request = urllib.request.Request(url + path, body and json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def sign_in(name, password):
    return ask("/v1/login", {"username": name, "password": password})["accessToken"]


def code_to(address, token):
    """The code of the newest message to this address, when it has left."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        messages = ask(f"{CONSOLE}/messages", token=token)["items"]
        sent = [one for one in messages if one["spec"]["to"] == address and one["status"]["state"] != "queued"]
        if sent:
            text = ask(f"{CONSOLE}/messages/{sent[0]['metadata']['name']}", token=token)["spec"]["text"]
            return re.search(r"^\s*(\d{6})\s*$", text, re.MULTILINE).group(1)
        time.sleep(0.1)
    raise AssertionError(f"no message to {address}")


def refused(call):
    """How a call was refused: its code, what it says, and its details by their types."""
    try:
        call()
    except grpc.RpcError as error:
        status = status_pb2.Status.FromString(dict(error.trailing_metadata())["grpc-status-details-bin"])
        assert status.code == error.code().value[0] and status.message == error.details(), status
        details = {}
        for kind in (message_pb2.ErrorDetail, error_details_pb2.ErrorInfo, error_details_pb2.BadRequest):
            for packed in status.details:
                if packed.Is(kind.DESCRIPTOR):
                    details[kind] = kind.FromString(packed.value)
        return error.code(), details
    raise AssertionError("it was not refused")


channel = grpc.insecure_channel(url.removeprefix("http://"))
health = health_pb2_grpc.HealthStub(channel)
for service in ("", "zitadel.auth.v1.AuthService"):
    answer = health.Check(health_pb2.HealthCheckRequest(service=service), timeout=10)
    assert answer.status == health_pb2.HealthCheckResponse.SERVING, "1: it serves"
    watch = health.Watch(health_pb2.HealthCheckRequest(service=service))
    assert next(watch).status == health_pb2.HealthCheckResponse.SERVING, "1: and says so as long as somebody watches"
    watch.cancel()

reflection = ProtoReflectionDescriptorDatabase(channel)
assert "zitadel.auth.v1.AuthService" in reflection.get_services(), "1: it tells tools what it has"
service = DescriptorPool(reflection).FindServiceByName("zitadel.auth.v1.AuthService")
assert "VerifyMyEmail" in service.methods_by_name, "1: and what that is made of"

stub = auth_pb2_grpc.AuthServiceStub(channel)
code, details = refused(lambda: stub.GetMyUser(auth_pb2.GetMyUserRequest(), timeout=10))
assert code == grpc.StatusCode.UNAUTHENTICATED, "2: without a token"
assert details[message_pb2.ErrorDetail].id == "unauthenticated", "3: with its details"
assert details[error_details_pb2.ErrorInfo].metadata["requestId"], "4: and the id of the request"

owner = sign_in(name, password)
ask("/v1/register", {"username": "grpc", "email": "grpc@example.com", "password": password})
mine = [("authorization", f"Bearer {sign_in('grpc', password)}")]
user = stub.GetMyUser(auth_pb2.GetMyUserRequest(), metadata=mine, timeout=10).user
assert (user.user_name, user.human.email.is_email_verified) == ("grpc", False), "5: myself"

code, details = refused(lambda: stub.VerifyMyEmail(auth_pb2.VerifyMyEmailRequest(), metadata=mine, timeout=10))
violations = details[error_details_pb2.BadRequest].field_violations
assert code == grpc.StatusCode.INVALID_ARGUMENT and violations[0].field == "code", "6: what is wrong"
for compression in (grpc.Compression.NoCompression, grpc.Compression.Gzip):
    wrong = auth_pb2.VerifyMyEmailRequest(code="x" * 100)
    code, details = refused(
        lambda: stub.VerifyMyEmail(wrong, metadata=mine, timeout=10, compression=compression)
    )
    assert details[message_pb2.ErrorDetail].id == "code_invalid", "7: also compressed"

right = auth_pb2.VerifyMyEmailRequest(code=code_to("grpc@example.com", owner))
written = stub.VerifyMyEmail(right, metadata=mine, timeout=10)
assert written.details.sequence > user.details.sequence, "8: proven"
email = stub.GetMyEmail(auth_pb2.GetMyEmailRequest(), metadata=mine, timeout=10).email
assert email.is_email_verified, "9: as it says"

profile = stub.GetMyProfile(auth_pb2.GetMyProfileRequest(), metadata=mine, timeout=10).profile
assert profile.display_name == "grpc", "9: my profile"
tokens = stub.ListMyRefreshTokens(auth_pb2.ListMyRefreshTokensRequest(), metadata=mine, timeout=10)
assert tokens.details.total_result == len(tokens.result) > 0, "9: what renews my sessions"
changes = stub.ListMyUserChanges(auth_pb2.ListMyUserChangesRequest(), metadata=mine, timeout=10).result
assert changes[0].event_type.key == "users/email:verify", "9: what I did last"
policy = stub.GetMyLabelPolicy(auth_pb2.GetMyLabelPolicyRequest(), metadata=mine, timeout=10).policy
assert policy.primary_color.startswith("#"), "9: how pages look"

unknown = channel.unary_unary("/zitadel.auth.v1.AuthService/GetMyPhone", lambda _: b"", lambda answer: answer)
code, details = refused(lambda: unknown(None, metadata=mine, timeout=10))
assert code == grpc.StatusCode.UNIMPLEMENTED, "10: what there is not"
large = auth_pb2.VerifyMyEmailRequest(code="x" * (1 << 20))
code, _ = refused(lambda: stub.VerifyMyEmail(large, metadata=mine, timeout=10))
assert code == grpc.StatusCode.RESOURCE_EXHAUSTED, "11: what is too large"
