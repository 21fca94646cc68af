//! Whether an address has an account is told to nobody but its owner.

use crate::support::limits::{CONSOLE, SEND, VERIFY, set_limits};
use crate::support::{PASSWORD, Person, Reply, Tenant, TestApp};
use reqwest::Method;
use serde_json::{Value, json};

/// Nobody, and users that have proven their address, have not, and were disabled. Their names are of
/// one length, so that answers are.
const LOGINS: [&str; 4] = ["none", "vera", "ulla", "dora"];

fn address(login: &str) -> String {
    format!("{login}@example.com")
}

/// A tenant with these people in it, and its owner.
async fn populated<'a>(tenant: &Tenant<'a>) -> Person<'a> {
    let owner = tenant.owner().await;
    for (name, verified) in [("vera", true), ("ulla", false), ("dora", true)] {
        let user = tenant.sign_up(name).await;
        if verified {
            let given = json!({ "code": crate::support::limits::newest(&owner, &address(name)).await.code() });
            user.post("/auth/v1/users/me/email/_verify", &given).await.expect(200);
        }
    }
    let disable = format!("{CONSOLE}/users/dora/disable");
    owner.post(&disable, &json!({})).await.expect(200);
    tenant.app.work().await;
    tenant.app.advance(61);
    owner
}

/// What anybody can tell of an answer: the status, the names of the headers, and the body with
/// ids and the login itself made equal.
fn look(reply: &Reply, login: &str) -> (u16, Vec<String>, String, usize) {
    let mut names: Vec<_> = reply.headers.keys().map(ToString::to_string).collect();
    names.sort();
    let mut body = reply.json();
    blank(&mut body);
    let text = body.to_string().replace(login, "name");
    (reply.status.as_u16(), names, text, reply.text.len())
}

fn blank(body: &mut Value) {
    match body {
        Value::Object(fields) => {
            for (name, value) in fields {
                match name.as_str() {
                    "verificationId" | "userId" | "id" if value.as_str().is_some_and(|id| id.contains('_')) => {
                        *value = json!("an id");
                    }
                    "requestId" => *value = json!("an id"),
                    _ => blank(value),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(blank),
        _ => {}
    }
}

/// An act with a login: a path and a body, in which `LOGIN` and `ADDRESS` stand for it. A body
/// of nothing is a GET.
type Act = (&'static str, Value);

async fn act(tenant: &Tenant<'_>, (path, body): &Act, login: &str) -> Reply {
    let put_in = |text: &str| text.replace("LOGIN", login).replace("ADDRESS", &address(login));
    let anybody = tenant.anybody();
    let path = put_in(path);
    let request = match body {
        Value::Null => anybody.request(Method::GET, &path),
        body => {
            let body: Value = serde_json::from_str(&put_in(&body.to_string())).unwrap();
            anybody.request(Method::POST, &path).json(&body)
        }
    };
    anybody.send(request).await
}

/// All acts look the same for all logins.
async fn look_alike(app: &TestApp, tenant: &Tenant<'_>, acts: &[Act]) {
    for one in acts {
        let mut first = None;
        for login in LOGINS {
            let seen = look(&act(tenant, one, login).await, login);
            let expected = first.get_or_insert_with(|| seen.clone());
            assert_eq!(seen, *expected, "{one:?} for {login} and {}", LOGINS[0]);
        }
        app.work().await;
        app.advance(3601);
    }
}

#[tokio::test]
async fn a_wrong_password_looks_the_same_for_everybody_and_nobody() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    populated(&tenant).await;
    let bad = crate::support::limits::BAD;
    let acts = [
        ("/v1/login", json!({ "username": "LOGIN", "password": bad })),
        ("/v1/login", json!({ "email": "ADDRESS", "password": bad })),
        ("/api/auth/login", json!({ "email": "ADDRESS", "password": bad })),
        ("/api/auth/login", json!({ "email": "LOGIN", "password": bad })),
        (
            "/apis/console/v1alpha1/sessions",
            json!({ "username": "ADDRESS", "password": bad }),
        ),
    ];
    look_alike(&app, &tenant, &acts).await;
}

#[tokio::test]
async fn the_right_password_of_somebody_disabled_looks_like_a_wrong_one() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = populated(&tenant).await;
    let policy = json!({ "spec": { "mode": "open", "verifyBeforeSignIn": true } });
    owner
        .put(&format!("{CONSOLE}/policies/sign-up"), &policy)
        .await
        .expect(200);
    for path in ["/v1/login", "/apis/console/v1alpha1/sessions"] {
        let given = json!({ "username": "LOGIN", "password": PASSWORD });
        let nobody = look(&act(&tenant, &(path, given.clone()), "none").await, "none");
        assert_eq!(nobody.0, 401);
        let seen = look(&act(&tenant, &(path, given.clone()), "dora").await, "dora");
        assert_eq!(seen, nobody, "{path}");
        let ulla = act(&tenant, &(path, given.clone()), "ulla").await;
        ulla.expect_problem(403, "email_unverified");
        act(&tenant, &(path, given), "vera").await.expect(200);
    }
    // Ulla alone has something she can do, and is mailed it.
    app.work().await;
    let owner = tenant.owner().await;
    assert_eq!(owner.inbox("ulla@example.com").await.len(), 2);
    assert_eq!(owner.inbox("dora@example.com").await.len(), 1);
}

#[tokio::test]
async fn asking_for_a_mail_looks_the_same_for_everybody_and_nobody() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    populated(&tenant).await;
    let send = |purpose: &str| json!({ "email": "ADDRESS", "purpose": purpose });
    let acts = [
        ("/v1/password/reset", json!({ "email": "ADDRESS" })),
        (SEND, send("reset_password")),
        (SEND, send("verify_email")),
        (SEND, send("register")),
        (SEND, send("change_email")),
        ("/api/auth/reset-password", json!({ "email": "ADDRESS" })),
        ("/api/reset_password?email=ADDRESS", Value::Null),
        ("/api/verification?email=ADDRESS", Value::Null),
        ("/api/email-check/validate", json!({ "email": "ADDRESS" })),
    ];
    look_alike(&app, &tenant, &acts).await;
}

#[tokio::test]
async fn where_nobody_signs_up_asking_for_a_mail_looks_the_same_as_well() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    populated(&tenant).await;
    for spec in [
        json!({ "mode": "closed" }),
        json!({ "mode": "invited" }),
        json!({ "mode": "open", "blockedDomains": ["example.com"] }),
        json!({ "mode": "open", "allowedDomains": ["elsewhere.example"] }),
    ] {
        // An hour passes with each act.
        let owner = tenant.owner().await;
        owner
            .put(&format!("{CONSOLE}/policies/sign-up"), &json!({ "spec": spec }))
            .await
            .expect(200);
        let acts = [
            ("/api/verification?email=ADDRESS", Value::Null),
            (SEND, json!({ "email": "ADDRESS", "purpose": "register" })),
            (SEND, json!({ "email": "ADDRESS", "purpose": "verify_email" })),
        ];
        look_alike(&app, &tenant, &acts).await;
    }
}

#[tokio::test]
async fn signing_up_with_an_address_that_has_an_account_looks_like_signing_up_with_a_new_one() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    populated(&tenant).await;
    let new = json!({ "username": "of-LOGIN", "email": "ADDRESS", "password": PASSWORD });
    let nested = json!({
        "user": { "email": "ADDRESS", "firstName": "Ada", "lastName": "Lovelace" },
        "password": PASSWORD,
        "confirmPassword": PASSWORD,
    });
    let nameless = json!({ "user": { "email": "ADDRESS" }, "password": PASSWORD, "confirmPassword": PASSWORD });
    let acts = [
        ("/v1/register", new),
        ("/api/auth/register", nested),
        ("/api/auth/register", nameless),
    ];
    look_alike(&app, &tenant, &acts).await;
}

#[tokio::test]
async fn a_wrong_code_looks_the_same_for_everybody_and_nobody() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    populated(&tenant).await;
    let verify = |purpose: &str| json!({ "email": "ADDRESS", "purpose": purpose, "code": "000000" });
    let (new, bad) = ("a quite other staple", "000000");
    let acts = [
        (VERIFY, verify("verify_email")),
        (VERIFY, verify("register")),
        (VERIFY, verify("reset_password")),
        (
            "/v1/password/confirm-reset",
            json!({ "email": "ADDRESS", "code": bad, "newPassword": new }),
        ),
        (
            "/v1/register",
            json!({ "username": "of-LOGIN", "email": "ADDRESS", "password": new, "code": bad }),
        ),
        (
            "/api/auth/reset-password",
            json!({ "email": "ADDRESS", "token": bad, "password": new, "confirmPassword": new }),
        ),
        (
            "/api/auth/email/verify/code",
            json!({ "email": "ADDRESS", "code": bad }),
        ),
        ("/api/user/reset", json!({ "email": "ADDRESS", "token": bad })),
    ];
    look_alike(&app, &tenant, &acts).await;
}

/// The statuses of an attack on one address: codes are asked for and guessed for all purposes.
async fn attack(tenant: &Tenant<'_>, login: &str) -> Vec<(String, u16, String)> {
    let mut seen = vec![];
    for purpose in ["reset_password", "verify_email", "register"] {
        let ask = json!({ "email": "ADDRESS", "purpose": purpose });
        let guess = json!({ "email": "ADDRESS", "purpose": purpose, "code": "000000" });
        let mut steps = vec![(SEND, ask.clone()), (SEND, ask)];
        steps.extend(std::iter::repeat_n((VERIFY, guess), 5));
        for step in steps {
            let reply = act(tenant, &step, login).await;
            let limit = reply.header("ratelimit-policy").to_owned();
            seen.push((format!("{} for {purpose}", step.0), reply.status.as_u16(), limit));
        }
    }
    seen
}

#[tokio::test]
async fn limits_of_codes_tell_nobody_who_has_an_account() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = populated(&tenant).await;
    set_limits(&owner, json!({ "tryNetwork": { "most": 1_000_000 } })).await;
    app.advance(86_401);
    let of_nobody = attack(&tenant, "none").await;
    let refused = of_nobody.iter().filter(|(_, status, _)| *status == 429).count();
    assert_eq!(refused, 3 + 5, "one mail a purpose, ten tries: {of_nobody:?}");
    for login in ["vera", "ulla", "dora"] {
        assert_eq!(attack(&tenant, login).await, of_nobody, "{login}");
    }
    app.work().await;
}

#[tokio::test]
async fn who_has_no_account_or_a_disabled_one_is_sent_nothing() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = populated(&tenant).await;
    let count = async |login: &str| owner.inbox(&address(login)).await.len();
    let mut before = vec![];
    for login in LOGINS {
        before.push(count(login).await);
        let ask = json!({ "email": address(login) });
        tenant.anybody().post("/v1/password/reset", &ask).await.expect(200);
    }
    app.work().await;
    let mut sent = vec![];
    for (login, before) in LOGINS.iter().zip(before) {
        sent.push((*login, count(login).await - before));
    }
    assert_eq!(sent, [("none", 0), ("vera", 1), ("ulla", 1), ("dora", 0)]);
    let rows = app
        .count("select count(*) from message where address = 'none@example.com'")
        .await;
    assert_eq!(rows, 0, "of a mail to nobody no trace is left");
}
