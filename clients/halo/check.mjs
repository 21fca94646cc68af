// Every operation on users of the published client of Halo's console API, against a running server.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { before, test } from "node:test";
import { createConsoleApiClient } from "@halo-dev/api-client";
import axios from "axios";

function setting(name) {
  const value = process.env[name];
  if (!value) throw new Error(`set ${name}: these tests drive a running server`);
  return value;
}

const BASE = setting("E2E_URL").replace(/\/*$/, "/");
const OWNER = { name: setting("E2E_USER"), password: setting("E2E_PASSWORD") };
// The server may have been used before.
const some = randomUUID().slice(0, 8);
const ADDRESS = `new.mail-${some}@example.test`;
const PASSWORD = "N3wPass! of mine";
const PICTURE = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);

const anybody = axios.create({
  baseURL: BASE,
  headers: { "X-Requested-With": "XMLHttpRequest" },
  validateStatus: () => true,
});

async function signIn(username, password) {
  const { status, data } = await anybody.post("v1/login", { username, password });
  return status === 200 ? data.accessToken : undefined;
}

/** What an application of this person holds: their own requests, and the client on top of them. */
async function person(username, password) {
  const token = await signIn(username, password);
  assert.ok(token, `${username} signs in`);
  const http = axios.create({
    baseURL: BASE,
    headers: { Authorization: `Bearer ${token}`, "X-Requested-With": "XMLHttpRequest" },
  });
  return { http, users: createConsoleApiClient(http).user };
}

/** Waits for the mail that the server sends in the background, and reads the code in it. */
async function codeFor(http, address) {
  for (let tries = 0; tries < 200; tries++) {
    const list = await http.get("apis/console/v1alpha1/messages", { params: { size: 200 } });
    const found = list.data.items.find((item) => item.spec.to === address);
    if (found) {
      const message = await http.get(`apis/console/v1alpha1/messages/${found.metadata.name}`);
      const code = /^\s*(\d{6})\s*$/m.exec(message.data.spec.text);
      if (code) return code[1];
    }
    await new Promise((later) => setTimeout(later, 50));
  }
  throw new Error(`no code came for ${address}`);
}

function isUser(user, name) {
  assert.equal(user.kind, "User");
  assert.equal(user.apiVersion, "v1alpha1");
  assert.equal(user.metadata.name, name);
  assert.equal(typeof user.metadata.version, "number");
  assert.equal(user.spec.password, undefined);
}

const names = (roles) => roles.map((role) => role.metadata.name);

/** Checks that a call is refused with this status and stable code. */
async function refused(call, status, code) {
  await assert.rejects(call, ({ response }) => {
    assert.equal(response.status, status);
    assert.equal(response.data.code, code);
    assert.match(response.headers["content-type"], /^application\/problem\+json/);
    return true;
  });
}

const me = `owner-${some}`;
const alice = `alice-${some}`;
const guest = `guest-${some}`;
const editor = `post-editor-${some}`;
let http;
let users;

// An owner of our own: this one changes their address and their password.
before(async () => {
  const owner = await person(OWNER.name, OWNER.password);
  for (const name of [guest, editor]) {
    await owner.http.post("apis/console/v1alpha1/roles", {
      metadata: { name },
      spec: { displayName: name },
      rules: [],
    });
  }
  // Halo asks little of passwords; here a tenant has to say that it wants it so.
  await owner.http.put("apis/console/v1alpha1/policies/password", {
    spec: {
      preset: "custom",
      minLength: 6,
      minEstimatorScore: 0,
      blocklist: { common: false, contextWords: false },
    },
  });
  const createUserRequest = { name: me, email: `${me}@example.test`, password: "chosen for me", roles: ["owner"] };
  await owner.users.createUser({ createUserRequest });
  ({ http, users } = await person(me, "chosen for me"));
  // What somebody else chose is good for nothing but to choose another.
  await refused(users.listUsers({}), 403, "password_change_required");
  const own = { oldPassword: "chosen for me", password: "first of mine" };
  await users.changeOwnPassword({ changeOwnPasswordRequest: own });
});

test("there are no operations but the fifteen of these tests", () => {
  const operations = Object.getOwnPropertyNames(Object.getPrototypeOf(users));
  assert.deepEqual(operations.filter((name) => name !== "constructor").sort(), [
    "changeAnyonePassword",
    "changeOwnPassword",
    "createUser",
    "deleteUserAvatar",
    "disableUser",
    "enableUser",
    "getCurrentUserDetail",
    "getPermissions",
    "getUserDetail",
    "grantPermission",
    "listUsers",
    "sendEmailVerificationCode",
    "updateCurrentUser",
    "uploadUserAvatar",
    "verifyEmail",
  ]);
});

test("getCurrentUserDetail", async () => {
  const { status, data } = await users.getCurrentUserDetail();
  assert.equal(status, 200);
  isUser(data.user, me);
  assert.deepEqual(names(data.roles), ["owner", "user"]);
});

test("createUser", async () => {
  const createUserRequest = {
    name: alice,
    email: `${alice}@example.test`,
    displayName: "Alice",
    password: "P@ssw0rd1",
    phone: "",
    bio: "hi",
    annotations: { note: "probe" },
    roles: [guest],
  };
  const { status, data } = await users.createUser({ createUserRequest });
  assert.equal(status, 200);
  isUser(data, alice);
  assert.deepEqual(data.metadata.annotations, { note: "probe" });
  createUserRequest.email = `other-${some}@example.test`;
  await refused(users.createUser({ createUserRequest }), 409, "user_name_taken");
});

test("listUsers", async () => {
  const { data } = await users.listUsers({
    page: 1,
    size: 20,
    labelSelector: ["!halo.run/hidden-user"],
    fieldSelector: ["name!=anonymousUser", "name!=ghost"],
    sort: ["metadata.creationTimestamp,desc", "metadata.name,asc"],
    keyword: alice,
    role: guest,
  });
  assert.deepEqual(
    [data.page, data.size, data.total, data.totalPages, data.first, data.last, data.hasNext, data.hasPrevious],
    [1, 20, 1, 1, true, true, false, false],
  );
  isUser(data.items[0].user, alice);
  assert.deepEqual(names(data.items[0].roles), [guest, "user"]);
});

test("getUserDetail", async () => {
  const { data } = await users.getUserDetail({ name: alice });
  isUser(data.user, alice);
  await refused(users.getUserDetail({ name: `nobody-${some}` }), 404, "user_not_found");
});

test("updateCurrentUser", async () => {
  const { user } = (await users.getCurrentUserDetail()).data;
  user.spec.displayName = "Admin (probe)";
  user.spec.bio = "probed";
  const { data } = await users.updateCurrentUser({ user });
  isUser(data, me);
  assert.deepEqual([data.spec.displayName, data.spec.bio], ["Admin (probe)", "probed"]);
  await refused(users.updateCurrentUser({ user }), 409, "version_conflict");
});

test("getPermissions", async () => {
  const { data } = await users.getPermissions({ name: "-" });
  assert.deepEqual(names(data.roles), ["owner", "user"]);
  assert.ok(names(data.permissions).includes("owner"));
  assert.ok(data.uiPermissions.includes("users:list"));
});

test("grantPermission", async () => {
  const { status } = await users.grantPermission({ name: alice, grantRequest: { roles: [guest, editor] } });
  assert.equal(status, 200);
  const { data } = await users.getPermissions({ name: alice });
  assert.deepEqual(names(data.roles).sort(), [guest, editor, "user"].sort());
});

test("changeAnyonePassword", async () => {
  const { data } = await users.changeAnyonePassword({
    name: alice,
    changePasswordRequest: { password: "N3wPass!" },
  });
  isUser(data, alice);
  assert.equal(await signIn(alice, "P@ssw0rd1"), undefined);
  assert.ok(await signIn(alice, "N3wPass!"));
});

test("uploadUserAvatar and deleteUserAvatar", async () => {
  const file = new File([PICTURE], "avatar.png", { type: "image/png" });
  const uploaded = await users.uploadUserAvatar({ name: "-", file });
  isUser(uploaded.data, me);
  const picture = await anybody.get(uploaded.data.spec.avatar);
  assert.deepEqual([picture.status, picture.headers["content-type"]], [200, "image/png"]);

  const deleted = await users.deleteUserAvatar({ name: "-" });
  isUser(deleted.data, me);
  assert.equal(deleted.data.spec.avatar, undefined);
  assert.equal((await anybody.get(uploaded.data.spec.avatar)).status, 404);
});

test("sendEmailVerificationCode and verifyEmail", async () => {
  const sent = await users.sendEmailVerificationCode({ emailVerifyRequest: { email: ADDRESS } });
  assert.deepEqual([sent.status, sent.data], [200, {}]);
  const code = await codeFor(http, ADDRESS);
  await refused(users.verifyEmail({ verifyCodeRequest: { password: "secret1", code } }), 400, "password_wrong");
  const verified = await users.verifyEmail({ verifyCodeRequest: { password: "first of mine", code } });
  assert.deepEqual([verified.status, verified.data], [200, {}]);
  const { user } = (await users.getCurrentUserDetail()).data;
  assert.deepEqual([user.spec.email, user.spec.emailVerified], [ADDRESS, true]);
});

test("disableUser and enableUser", async () => {
  const disabled = await users.disableUser({ username: alice });
  assert.equal(disabled.data.spec.disabled, true);
  assert.equal(await signIn(alice, "N3wPass!"), undefined);
  const enabled = await users.enableUser({ username: alice });
  assert.equal(enabled.data.spec.disabled, false);
  assert.ok(await signIn(alice, "N3wPass!"));
});

test("changeOwnPassword", async () => {
  const wrong = { oldPassword: "secret1", password: PASSWORD };
  await refused(users.changeOwnPassword({ changeOwnPasswordRequest: wrong }), 400, "password_wrong");
  const right = { oldPassword: "first of mine", password: PASSWORD };
  const { data } = await users.changeOwnPassword({ changeOwnPasswordRequest: right });
  isUser(data, me);
  assert.equal(await signIn(me, "first of mine"), undefined);
  assert.ok(await signIn(me, PASSWORD));
});

test("without credentials nothing is answered, and nothing led elsewhere", async () => {
  const { user } = createConsoleApiClient(axios.create({ baseURL: BASE, maxRedirects: 0 }));
  await refused(user.listUsers(), 401, "unauthenticated");
  await refused(user.getCurrentUserDetail(), 401, "unauthenticated");
});
