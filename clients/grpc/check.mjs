// The published client of ZITADEL, unmodified, and its published messages, against a running server.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { before, test } from "node:test";
import { createFileRegistry, createRegistry, fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import { createGrpcWebTransport } from "@connectrpc/connect-node";
import { NewAuthorizationBearerInterceptor } from "@zitadel/client";
import { createServerTransport } from "@zitadel/client/node";
import { createAuthServiceClient } from "@zitadel/client/v1";
import { AuthService, file_zitadel_auth } from "@zitadel/proto/zitadel/auth_pb.js";
import { ErrorDetailSchema, file_zitadel_message } from "@zitadel/proto/zitadel/message_pb.js";
import { ADDRESS, BASE, CONSOLE, NAME, OWNER, ask, signIn, signUp } from "./server.mjs";

/** Waits for the mail that the server sends in the background, and reads the code in it. */
async function codeTo(address) {
  const owner = await signIn(OWNER.name, OWNER.password);
  for (const until = Date.now() + 30_000; Date.now() < until; ) {
    const { items } = await ask(`${CONSOLE}/messages`, undefined, owner);
    const mail = items.find(({ spec, status }) => spec.to === address && status.state !== "queued");
    if (mail) {
      const { spec } = await ask(`${CONSOLE}/messages/${mail.metadata.name}`, undefined, owner);
      return /^\s*(\d{6})\s*$/m.exec(spec.text)[1];
    }
    await new Promise((wake) => setTimeout(wake, 100));
  }
  assert.fail(`no message to ${address}`);
}

async function refused(call) {
  try {
    await call();
  } catch (error) {
    assert.ok(error instanceof ConnectError, error);
    return error;
  }
  assert.fail("it was not refused");
}

let token;

before(async () => {
  token = await signUp();
});

test("by gRPC somebody proves their address", async () => {
  const client = createAuthServiceClient(createServerTransport(token, { baseUrl: BASE }));
  const { user } = await client.getMyUser({});
  assert.equal(user.userName, NAME);
  assert.equal(user.type.value.email.isEmailVerified, false);
  const wrong = await refused(() => client.verifyMyEmail({ code: "x".repeat(9) }));
  assert.equal(wrong.code, Code.InvalidArgument);
  assert.equal(wrong.findDetails(ErrorDetailSchema)[0].id, "code_invalid");
  const { details } = await client.verifyMyEmail({ code: await codeTo(ADDRESS) });
  assert.equal(details.resourceOwner, user.details.resourceOwner);
  const { email } = await client.getMyEmail({});
  assert.deepEqual([email.email, email.isEmailVerified], [ADDRESS, true]);
  for (const method of ["getMyPhone", "listMyAuthFactors", "addMyAuthFactorU2F", "listMyPasswordless"]) {
    const none = await refused(() => client[method]({}));
    assert.equal(none.code, Code.Unimplemented, method);
  }
});

test("by gRPC somebody sees their profile, their sessions and what was done", async () => {
  const client = createAuthServiceClient(createServerTransport(token, { baseUrl: BASE }));
  await client.healthz({});
  const { profile } = await client.getMyProfile({});
  assert.equal(profile.displayName, NAME);
  const { result: sessions } = await client.listMyUserSessions({});
  assert.ok(sessions.some((session) => session.userName === NAME && session.authState === 1));
  const { result: changes } = await client.listMyUserChanges({ query: { limit: 5 } });
  assert.ok(changes.length > 0 && changes.length <= 5);
  assert.ok(changes.every(({ eventType }) => eventType.key.includes(":")));
  const { details, result } = await client.listMyMetadata({ query: { limit: 5 } });
  assert.deepEqual([details.totalResult, result], [0n, []]);
  const none = await refused(() => client.getMyMetadata({ key: "none" }));
  assert.equal(none.findDetails(ErrorDetailSchema)[0].id, "metadata_not_found");
});

test("by gRPC somebody sees what the tenant asks of them and what they may do", async () => {
  const client = createAuthServiceClient(createServerTransport(token, { baseUrl: BASE }));
  const { policy } = await client.getMyPasswordComplexityPolicy({});
  assert.deepEqual([policy.minLength, policy.isDefault], [15n, true]);
  const { policy: login } = await client.getMyLoginPolicy({});
  assert.deepEqual([login.allowUsernamePassword, login.passwordCheckLifetime.seconds], [true, 2592000n]);
  assert.deepEqual((await client.getSupportedLanguages({})).languages, ["en", "zh"]);
  const { result: orgs } = await client.listMyProjectOrgs({});
  const { result: memberships } = await client.listMyMemberships({});
  assert.deepEqual(memberships[0].type, { case: "orgId", value: orgs[0].id });
  assert.ok((await client.listMyProjectPermissions({})).result.includes("user"));
});

for (const httpVersion of ["1.1", "2"]) {
  test(`by gRPC-Web and HTTP/${httpVersion} somebody sees themself`, async () => {
    const interceptors = [NewAuthorizationBearerInterceptor(token)];
    const transport = createGrpcWebTransport({ baseUrl: `${BASE}/t/default`, httpVersion, interceptors });
    const client = createAuthServiceClient(transport);
    assert.equal((await client.getMyUser({})).user.userName, NAME);
    const { result } = await client.listMyLinkedIDPs({ query: { limit: 5 } });
    assert.deepEqual(result, []);
    const stranger = createAuthServiceClient(createGrpcWebTransport({ baseUrl: BASE, httpVersion }));
    const error = await refused(() => stranger.getMyUser({}));
    assert.equal(error.code, Code.Unauthenticated);
    assert.equal(error.findDetails(ErrorDetailSchema)[0].id, "unauthenticated");
  });
}

/** What the wire and the JSON mapping make of a field. */
function field({ name, number, jsonName, fieldKind, listKind, scalar, message, enum: named, oneof, proto }) {
  const type = message?.typeName ?? named?.typeName ?? scalar;
  return { name, number, jsonName, fieldKind, listKind, type, oneof: oneof?.name, optional: proto.proto3Optional };
}

test("the messages are those that are published", () => {
  const bytes = readFileSync(new URL("generated/descriptors.bin", import.meta.url));
  const ours = createFileRegistry(fromBinary(FileDescriptorSetSchema, bytes));
  const theirs = createRegistry(file_zitadel_auth, file_zitadel_message, ...reached(file_zitadel_auth));
  let compared = 0;
  for (const type of ours) {
    if (!type.typeName.startsWith("zitadel.")) continue;
    compared += 1;
    const published = theirs.get(type.typeName);
    assert.ok(published, type.typeName);
    switch (type.kind) {
      case "message":
        assert.deepEqual(type.fields.map(field), published.fields.map(field), type.typeName);
        break;
      case "enum": {
        const values = (of) => of.values.map(({ name, number }) => [name, number]);
        assert.deepEqual(values(type), values(published), type.typeName);
        break;
      }
      case "service":
        for (const method of type.methods) {
          const same = AuthService.method[method.localName];
          const shape = (of) => [of.name, of.methodKind, of.input.typeName, of.output.typeName];
          assert.deepEqual(shape(method), shape(same), method.name);
        }
    }
  }
  assert.ok(compared > 90, `${compared} are compared`);
});

/** The files that a file needs. */
function reached(file) {
  return file.dependencies.flatMap((needed) => [needed, ...reached(needed)]);
}
