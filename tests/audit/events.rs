//! The events that are kept of people's acts: who, what, from where, and what came of it.

use crate::support::roles::{
    CONSOLE, ROLES, USERS, allow, count_events, events_of, grant, make_role, make_user, patch, role, set_rules,
};
use crate::support::{PASSWORD, TestApp, tells_code, wrong};
use reqwest::Method;
use serde_json::{Value, json};

const EVENTS: &str = "/apis/console/v1alpha1/audit-events";

/// A write: method, path, body, its permission, the object if one is named, and a change it says.
type Write = (Method, String, Value, &'static str, &'static str, Value);

fn change(kind: &str, before: &Value, after: &Value) -> Value {
    json!({ "kind": kind, "before": before, "after": after })
}

fn on_ada(rest: &str) -> String {
    format!("{USERS}/ada{rest}")
}

fn writes_of_roles() -> Vec<Write> {
    let rules = json!([{ "resources": ["users"], "resourceNames": [], "verbs": ["list"], "effect": "allow" }]);
    let whole = json!({ "description": "", "displayName": "editor", "inherits": ["support"], "rules": [] });
    let made = change("role", &Value::Null, &whole);
    let changed = change("role", &json!({ "rules": [] }), &json!({ "rules": rules }));
    let given = change(
        "user",
        &json!({ "roles": ["user"] }),
        &json!({ "roles": ["editor", "user"] }),
    );
    let (new, patch, roles) = (
        role("editor", "support", &[]),
        json!({ "rules": rules }),
        json!({ "roles": ["editor"] }),
    );
    let editor = format!("{ROLES}/editor");
    vec![
        (Method::POST, ROLES.to_owned(), new, "roles:create", "editor", made),
        (Method::PATCH, editor, patch, "roles:update", "editor", changed),
        (
            Method::POST,
            on_ada("/permissions"),
            roles,
            "users/permissions:create",
            "ada",
            given,
        ),
    ]
}

fn writes_of_users() -> Vec<Write> {
    let field =
        |name: &str, before: Value, after: Value| change("user", &json!({ name: before }), &json!({ name: after }));
    let poet = field("bio", Value::Null, json!("Poet."));
    let address = field("email", json!("ada@example.test"), json!("a@example.test"));
    let password = change("password", &Value::Null, &Value::Null);
    let off = field("disabled", json!(false), json!(true));
    let on = field("disabled", json!(true), json!(false));
    let (bio, email) = (
        json!({ "spec": { "bio": "Poet." } }),
        json!({ "email": "a@example.test" }),
    );
    let new = json!({ "password": PASSWORD });
    vec![
        (Method::PATCH, on_ada(""), bio, "users:update", "ada", poet),
        (
            Method::PUT,
            on_ada("/email"),
            email,
            "users/email:override",
            "ada",
            address,
        ),
        (
            Method::PUT,
            on_ada("/password"),
            new,
            "users/password:update",
            "ada",
            password,
        ),
        (
            Method::POST,
            on_ada("/disable"),
            Value::Null,
            "users:disable",
            "ada",
            off,
        ),
        (Method::POST, on_ada("/enable"), Value::Null, "users:enable", "ada", on),
    ]
}

fn last_writes() -> Vec<Write> {
    let (policy, role) = (
        format!("{CONSOLE}/policies/authentication"),
        format!("{ROLES}/editor?replacement=support"),
    );
    let basic = json!({ "spec": { "basicAuth": true } });
    vec![
        (Method::PUT, policy, basic, "policies:update", "", Value::Null),
        (Method::DELETE, role, Value::Null, "roles:delete", "editor", Value::Null),
        (
            Method::DELETE,
            on_ada(""),
            Value::Null,
            "users:delete",
            "ada",
            Value::Null,
        ),
    ]
}

#[tokio::test]
async fn every_write_leaves_one_event_that_says_who_what_and_whence() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    make_user(&owner, "ada", "").await;
    let sessions = owner.get(&format!("{USERS}/-/sessions")).await.expect(200);
    for (method, path, body, action, object, change) in [writes_of_roles(), writes_of_users(), last_writes()].concat() {
        let before = count_events(&owner).await;
        let request = owner.request(method, &path).header("user-agent", "Probe/1 (test)");
        let reply = owner
            .send(if body.is_null() { request } else { request.json(&body) })
            .await;
        assert!(reply.status.is_success(), "{action}: {}", reply.text);
        assert_eq!(count_events(&owner).await, before + 1, "{action}");
        let events = events_of(&owner, &reply).await;
        assert_eq!(events.len(), 1, "{action}: {events:?}");
        let event = &events[0];
        assert_eq!(event["sequence"], before + 1);
        let said = ["actor", "ipAddress", "userAgent", "requestId", "action", "outcome"].map(|field| &event[field]);
        let request = reply.header("x-request-id");
        assert_eq!(
            said,
            ["admin", "127.0.0.1", "Probe/1 (test)", request, action, "done"],
            "{event}"
        );
        assert_eq!(event["actorId"], owner.tokens["user"]["userId"]);
        assert_eq!(event["sessionId"], sessions["items"][0]["metadata"]["name"]);
        assert!(event.get("code").is_none(), "{event}");
        if !object.is_empty() {
            assert_eq!(event["object"], object, "{event}");
        }
        let changes = event["changes"].as_array().unwrap();
        assert!(!changes.is_empty(), "{event}");
        let same = |found: &&Value| {
            ["kind", "before", "after"]
                .iter()
                .all(|field| found[field] == change[field])
        };
        assert!(
            change.is_null() || changes.iter().any(|found| same(&found)),
            "{change} is not in {event}"
        );
    }
}

#[tokio::test]
async fn no_event_has_a_secret() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let mut secrets = vec![
        PASSWORD.to_owned(),
        "another battery staple".to_owned(),
        "argon2".to_owned(),
    ];
    let ada = tenant.sign_up("ada").await;
    let code = tenant.code_to("ada@example.com").await;
    let verify = |code: &str| json!({ "password": PASSWORD, "code": code });
    let path = format!("{USERS}/-/verify-email");
    ada.post(&path, &verify(&wrong(&code)))
        .await
        .expect_problem(400, "code_invalid");
    ada.post(&path, &verify(&code)).await.expect(200);
    let codes = [wrong(&code), code];
    let given = json!({ "username": "ada", "password": PASSWORD });
    let cookie = tenant.anybody().post(&format!("{CONSOLE}/sessions"), &given).await;
    let cookie = cookie
        .header("set-cookie")
        .split(';')
        .next()
        .unwrap()
        .split('=')
        .next_back()
        .unwrap()
        .to_owned();
    assert!(cookie.len() > 20, "{cookie}");
    secrets.push(cookie);
    let refresh = json!({ "refreshToken": ada.tokens["refreshToken"] });
    let renewed = tenant.anybody().post("/v1/refresh", &refresh).await.expect(200);
    for tokens in [&ada.tokens, &owner.tokens, &renewed] {
        secrets.extend(["accessToken", "refreshToken"].map(|key| tokens[key].as_str().unwrap().to_owned()));
    }
    let own = json!({ "oldPassword": PASSWORD, "password": "another battery staple" });
    ada.put(&format!("{USERS}/-/password"), &own).await.expect(200);
    owner
        .put(&format!("{USERS}/ada/password"), &json!({ "password": PASSWORD }))
        .await
        .expect(200);
    let new = json!({ "name": "bob", "email": "bob@example.test", "password": "another battery staple" });
    owner.post(USERS, &new).await.expect(200);
    app.work().await;

    let list = owner.get(&format!("{EVENTS}?size=200")).await.expect(200);
    let mut events = list["items"].as_array().unwrap().clone();
    assert!(events.len() > 8, "{list}");
    // Their microseconds may be the digits of a code.
    for event in &mut events {
        event["at"] = Value::Null;
    }
    let text = json!(events).to_string();
    assert!(
        text.contains("ada@example.com") && text.contains("users/password:update"),
        "the control: {text}"
    );
    for secret in secrets {
        assert!(!text.contains(&secret), "{secret} is in an event");
    }
    let has_code = codes.iter().any(|code| tells_code(&text, code));
    assert!(!has_code, "one of {codes:?} is in an event");
}

#[tokio::test]
async fn a_write_that_failed_leaves_nothing() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    make_role(&owner, "held", "", &[]).await;
    make_user(&owner, "ada", "held").await;
    let before = count_events(&owner).await;
    let taken = json!({ "name": "ada", "email": "x@example.test" });
    owner.post(USERS, &taken).await.expect_problem(409, "user_name_taken");
    owner
        .delete(&format!("{ROLES}/held"))
        .await
        .expect_problem(409, "role_in_use");
    owner
        .delete(&format!("{ROLES}/support"))
        .await
        .expect_problem(409, "role_built_in");
    owner
        .delete(&format!("{USERS}/admin"))
        .await
        .expect_problem(409, "own_account");
    grant(&owner, "admin", "").await.expect_problem(409, "last_owner");
    grant(&owner, "ada", "nobody").await.expect_problem(400, "role_unknown");
    set_rules(&owner, "held", &[allow("x", "y")])
        .await
        .expect_problem(400, "invalid");
    let stale = json!({ "metadata": { "version": 9 } });
    patch(&owner, &format!("{ROLES}/held"), &stale)
        .await
        .expect_problem(409, "version_conflict");
    owner
        .delete(&format!("{USERS}/nobody"))
        .await
        .expect_problem(404, "user_not_found");
    assert_eq!(count_events(&owner).await, before);
    set_rules(&owner, "held", &[allow("users", "get")]).await.expect(200);
    assert_eq!(count_events(&owner).await, before + 1);
}

#[tokio::test]
async fn what_an_anonymous_caller_does_without_a_limit_leaves_no_event() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let anybody = tenant.anybody();
    let browser = tenant.browser();
    let before = count_events(&owner).await;
    for _ in 0..3 {
        let page = browser.open("/login").await;
        let signed_out = browser
            .request(Method::POST, "/login/sign-out", Some(page.hidden()))
            .await;
        assert_eq!(signed_out.reply.status, 200);
        let wrong = json!({ "refreshToken": "never-given" });
        for path in ["/v1/logout", "/v1/refresh"] {
            anybody.post(path, &wrong).await;
        }
        anybody.post("/v1/logout", &json!({})).await;
        let token = "A".repeat(43);
        anybody
            .post("/v1/email/verify", &json!({ "email": "a@example.com", "code": token }))
            .await;
        browser.open(&format!("/login/undo?token={token}")).await;
    }
    assert_eq!(count_events(&owner).await, before);
}
