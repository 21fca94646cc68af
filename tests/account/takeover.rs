//! Ways into somebody's account that begin with their address, their browser or their old token.

use crate::support::limits::{BAD, CONSOLE, SEND, VERIFY, newest, sign_in};
use crate::support::{PASSWORD, Person, Tenant, TestApp};
use base64::{Engine, engine::general_purpose::STANDARD};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const EMAIL: &str = "/auth/v1/users/me/email";

async fn cookie_of(tenant: &Tenant<'_>, name: &str) -> String {
    let given = json!({ "username": name, "password": PASSWORD });
    let answer = tenant.anybody().post(&format!("{CONSOLE}/sessions"), &given).await;
    answer.header("set-cookie").split(';').next().unwrap().to_owned()
}

async fn address_of(person: &Person<'_>) -> Value {
    person.get(EMAIL).await.expect(200)["email"].clone()
}

#[tokio::test]
async fn another_site_changes_no_address_with_the_cookie_by_a_get() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let ada = tenant.sign_up_proven("ada").await;
    let cookie = cookie_of(&tenant, "ada").await;
    let path = "/api/verification?email=eve@example.com";
    let ask = async |headers: &[(&str, &str)]| {
        let request = tenant.anybody().request(Method::GET, path).header("cookie", &cookie);
        let add = |request: reqwest::RequestBuilder, header: &(&str, &str)| request.header(header.0, header.1);
        tenant.anybody().send(headers.iter().fold(request, add)).await
    };
    let before = address_of(&ada).await;
    let strays: [&[(&str, &str)]; 4] = [
        &[],
        &[("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "cors")],
        &[("sec-fetch-site", "same-site"), ("sec-fetch-mode", "cors")],
        &[("origin", "https://evil.example")],
    ];
    for stray in strays {
        let refused = ask(stray).await;
        assert_eq!(refused.status, 403, "{stray:?}: {}", refused.text);
        assert_eq!(refused.json()["code"], "cross_site");
    }
    assert_eq!(address_of(&ada).await, before);
    assert_eq!(app.work().await, 0);

    ask(&[("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "cors")])
        .await
        .expect(200);
    assert_eq!(address_of(&ada).await["pendingEmail"], "eve@example.com", "the control");
    app.work().await;
}

#[tokio::test]
async fn a_role_that_may_not_change_its_address_may_not_by_any_group() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let (owner, ada) = (tenant.owner().await, tenant.sign_up_proven("ada").await);
    let ask = json!({ "email": "eve@example.com", "purpose": "change_email" });
    let get = "/api/verification?email=eve@example.com";
    let role = json!({
        "metadata": { "name": "fixed" },
        "spec": { "displayName": "Fixed" },
        "rules": [{ "resources": ["users/email"], "verbs": ["update"], "effect": "deny" }],
    });
    owner.post(&format!("{CONSOLE}/roles"), &role).await.expect(200);
    let grant = format!("{CONSOLE}/users/ada/permissions");
    owner.post(&grant, &json!({ "roles": ["fixed"] })).await.expect(200);

    for refused in [ada.post(SEND, &ask).await, ada.get(get).await] {
        assert_eq!(refused.status, 403, "{}", refused.text);
    }
    assert_eq!(app.work().await, 0);

    owner.post(&grant, &json!({ "roles": [] })).await.expect(200);
    let password = json!({ "password": "nine loud herons fold socks", "mustChange": true });
    owner
        .put(&format!("{CONSOLE}/users/ada/password"), &password)
        .await
        .expect(200);
    let given = json!({ "username": "ada", "password": "nine loud herons fold socks" });
    let mut forced = ada.clone();
    forced.tokens = tenant.anybody().post("/v1/login", &given).await.expect(200);
    app.work().await;
    for refused in [forced.post(SEND, &ask).await, forced.get(get).await] {
        assert_eq!(refused.status, 403, "{}", refused.text);
        let text = refused.text.to_lowercase();
        assert!(text.contains("password_change_required"), "{text}");
    }
    assert_eq!(app.work().await, 0);
}

/// Begins a request, does something, and finishes it. Answers the status.
async fn held(person: &Person<'_>, act: (&str, &str), body: &Value, meanwhile: impl Future<Output = ()>) -> u16 {
    let token = person.tokens["accessToken"].as_str().unwrap();
    held_as(&person.tenant, &format!("Bearer {token}"), act, body, meanwhile).await
}

async fn held_as(
    tenant: &Tenant<'_>,
    authorization: &str,
    (method, path): (&str, &str),
    body: &Value,
    meanwhile: impl Future<Output = ()>,
) -> u16 {
    let host = tenant.base.trim_start_matches("http://").to_owned();
    let mut stream = TcpStream::connect(&host).await.unwrap();
    let (anybody, body) = (tenant.anybody(), body.to_string());
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: {host}\r\nauthorization: {authorization}\r\nconnection: close\r\n\
         x-requested-with: XMLHttpRequest\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    let (first, rest) = body.split_at(1);
    stream.write_all((head + first).as_bytes()).await.unwrap();
    // Time for the door to be opened by what has arrived.
    for _ in 0..5 {
        let same = anybody
            .request(Method::GET, EMAIL)
            .header("authorization", authorization);
        let same = same.header("x-requested-with", "XMLHttpRequest");
        anybody.send(same).await.expect(200);
    }
    meanwhile.await;
    stream.write_all(rest.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer.split(' ').nth(1).unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_request_that_was_begun_before_its_session_ended_changes_nothing_after() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    tenant.sign_up_proven("ada").await;
    let change = json!({ "email": "eve@example.com" });
    for (name, act, body) in [
        ("auth/v1", ("PUT", EMAIL), &change),
        (
            "gateway/v1",
            ("POST", "/v1/email/send-verification"),
            &json!({ "email": "eve@example.com", "purpose": "change_email" }),
        ),
    ] {
        let ada = tenant.sign_in("ada").await;
        let ended = held(&ada, act, body, async {
            owner.delete(&format!("{CONSOLE}/users/ada/sessions")).await.expect(204);
        });
        assert_eq!(ended.await, 401, "{name}");
        let ada = tenant.sign_in("ada").await;
        assert_eq!(address_of(&ada).await.get("pendingEmail"), None, "{name}");
    }
    // Rights that were taken away meanwhile are gone as well.
    let grant = format!("{CONSOLE}/users/ada/permissions");
    owner.post(&grant, &json!({ "roles": ["owner"] })).await.expect(200);
    let ada = tenant.sign_in("ada").await;
    let invited = json!({ "spec": { "email": "eve@example.com" } });
    let path = format!("{CONSOLE}/invitations");
    let demoted = held(&ada, ("POST", &path), &invited, async {
        owner.post(&grant, &json!({ "roles": [] })).await.expect(200);
    });
    assert_eq!(demoted.await, 403);
    assert_eq!(app.work().await, 0);

    let ada = tenant.sign_in("ada").await;
    assert_eq!(held(&ada, ("PUT", EMAIL), &change, async {}).await, 200, "the control");
    app.work().await;
}

#[tokio::test]
async fn a_request_that_was_begun_with_a_password_changes_nothing_after_it_was_replaced() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let policy = json!({ "spec": { "basicAuth": true } });
    let path = format!("{CONSOLE}/policies/authentication");
    owner.put(&path, &policy).await.expect(200);
    let ada = tenant.sign_up_proven("ada").await;
    let by_password = |password: &str| format!("Basic {}", STANDARD.encode(format!("ada:{password}")));
    let (act, change) = (("PUT", EMAIL), json!({ "email": "eve@example.com" }));
    let new = "a quite other staple";

    let (old, of_new) = (by_password(PASSWORD), by_password(new));
    let replaced = held_as(&tenant, &old, act, &change, async {
        let given = json!({ "currentPassword": PASSWORD, "newPassword": new });
        ada.post("/v1/password/change", &given).await.expect(200);
    });
    assert_eq!(replaced.await, 401);
    assert_eq!(address_of(&ada).await.get("pendingEmail"), None);

    let same = held_as(&tenant, &of_new, act, &change, async {});
    assert_eq!(same.await, 200, "the control");
    app.work().await;
}

#[tokio::test]
async fn who_types_a_code_proves_no_account_but_their_own() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let eve = tenant.sign_up_proven("eve").await;
    // Eve asks for the address of Ada, who signs up a moment later.
    eve.put(EMAIL, &json!({ "email": "ada@example.com" })).await.expect(200);
    let of_eve = newest(&owner, "ada@example.com").await;
    assert!(of_eve.text().contains("the account eve"), "{}", of_eve.text());
    let ada = tenant.sign_up("ada").await;
    let of_ada = newest(&owner, "ada@example.com").await;
    assert!(of_ada.text().contains("the account ada"), "her own mail is not held up");

    for (path, given) in [
        (VERIFY, json!({ "email": "ada@example.com", "code": of_eve.code() })),
        (
            "/api/auth/email/verify/code",
            json!({ "email": "ada@example.com", "code": of_eve.code() }),
        ),
    ] {
        assert_eq!(tenant.anybody().post(path, &given).await.status, 400, "{path}");
    }
    assert_eq!(address_of(&eve).await["email"], "eve@example.com");

    let page = tenant
        .anybody()
        .get(&format!("/login/verify?token={}", of_eve.token()))
        .await;
    assert!(page.text.contains("the account eve"), "{}", page.text);
    let given = json!({ "email": "ada@example.com", "code": of_ada.code() });
    tenant.anybody().post(VERIFY, &given).await.expect(200);
    let proven = json!({ "email": "ada@example.com", "isEmailVerified": true });
    assert_eq!(address_of(&ada).await, proven);
}

#[tokio::test]
async fn of_several_accounts_with_one_address_a_code_proves_the_one_its_mail_names() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let sign_up = async |name: &str| {
        let new = json!({ "username": name, "email": "ada@example.com", "password": PASSWORD });
        tenant.anybody().post("/v1/register", &new).await.expect(200);
        (tenant.sign_in(name).await, newest(&owner, "ada@example.com").await)
    };
    let (eve, _) = sign_up("eve").await;
    let (ada, mail) = sign_up("ada").await;
    let given = json!({ "email": "ada@example.com", "code": mail.code() });
    tenant.anybody().post(VERIFY, &given).await.expect(200);

    assert_eq!(address_of(&ada).await["isEmailVerified"], true);
    assert_ne!(address_of(&eve).await["isEmailVerified"], true);
}

#[tokio::test]
async fn who_claims_an_address_later_takes_nothing_from_who_has_it() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let ada = tenant.sign_up("ada").await;
    let squat = json!({ "username": "eve", "email": "ada@example.com", "password": "nine loud herons fold socks" });
    tenant.anybody().post("/v1/register", &squat).await.expect(200);
    app.work().await;

    let signed_in = sign_in(&tenant, "ada@example.com", PASSWORD).await.expect(200);
    assert_eq!(signed_in["user"]["username"], "ada");
    app.advance(61);
    let ask = json!({ "email": "ada@example.com" });
    tenant.anybody().post("/v1/password/reset", &ask).await.expect(200);
    let mail = tenant.mail_to("ada@example.com").await.swap_remove(0);
    let given = json!({ "email": "ada@example.com", "code": mail.code(), "newPassword": "six old pots sing at noon" });
    tenant
        .anybody()
        .post("/v1/password/confirm-reset", &given)
        .await
        .expect(200);
    sign_in(&tenant, "ada", "six old pots sing at noon").await.expect(200);
    assert_eq!(ada.get(EMAIL).await.status, 401);
    app.work().await;
}

#[tokio::test]
async fn wrong_passwords_do_not_tell_which_names_and_addresses_belong_together() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    tenant.sign_up_proven("ada").await;
    // Somebody's and nobody's: by two spellings of one address, then by name and address.
    for (first, second) in [
        ("ada@example.com", "ADA@EXAMPLE\u{3002}com"),
        ("nil@example.com", "NIL@EXAMPLE\u{3002}com"),
    ] {
        let statuses = tries(&tenant, &[first, second]).await;
        assert_eq!(statuses, [401, 401, 401, 401, 401, 429], "{first}");
    }
    app.advance(86_400);
    for (first, second) in [("ada", "ada@example.com"), ("nil", "nil@example.com")] {
        let statuses = tries(&tenant, &[first, second]).await;
        assert_eq!(statuses, [401; 6], "{first}");
    }
}

/// What six wrong passwords are answered with, by these logins in turn.
async fn tries(tenant: &Tenant<'_>, logins: &[&str]) -> Vec<u16> {
    let mut statuses = vec![];
    for n in 0..6 {
        let answer = sign_in(tenant, logins[n % logins.len()], BAD).await;
        statuses.push(answer.status.as_u16());
    }
    statuses
}

#[tokio::test]
async fn tokens_that_nobody_knows_leave_no_trace() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let ada = tenant.sign_up_proven("ada").await;
    let events = async || app.count("select count(*) from audit_event").await;
    let before = events().await;
    let token = "vT0nq1hV3iYkq1cE9m8n2dJ6rP4sX7wZ5bA0uL3oG_M";
    for (path, given) in [
        ("/v1/refresh", json!({ "refreshToken": token })),
        ("/api/auth/refresh-token", json!({ "refresh_token": token })),
        ("/v1/logout", json!({ "refreshToken": token })),
        ("/v1/logout", json!({ "refreshToken": token, "allSessions": true })),
        (VERIFY, json!({ "email": "ada@example.com", "code": token })),
        (
            "/v1/password/confirm-reset",
            json!({ "email": "ada@example.com", "code": token, "newPassword": "six old pots sing at noon" }),
        ),
    ] {
        tenant.anybody().post(path, &given).await;
        assert_eq!(events().await, before, "{path}");
    }
    // Of a code, which can be guessed, the try is kept; and of a token that comes again, not of one that renews.
    let wrong = json!({ "email": "ada@example.com", "code": "000000" });
    assert_eq!(tenant.anybody().post(VERIFY, &wrong).await.status, 400);
    assert_eq!(events().await, before + 1);
    let given = json!({ "refreshToken": ada.tokens["refreshToken"] });
    tenant.anybody().post("/v1/refresh", &given).await.expect(200);
    assert_eq!(events().await, before + 1);
    app.advance(11);
    assert_eq!(tenant.anybody().post("/v1/refresh", &given).await.status, 401);
    assert_eq!(events().await, before + 2);
}

#[tokio::test]
async fn a_refresh_token_that_was_used_signs_nobody_out_elsewhere() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    tenant.sign_up("ada").await;
    app.work().await;
    let (old, phone) = (tenant.sign_in("ada").await, tenant.sign_in("ada").await);
    let used = json!({ "refreshToken": old.tokens["refreshToken"], "allSessions": true });
    let next = tenant.anybody().post("/v1/refresh", &used).await.expect(200);

    tenant.anybody().post("/v1/logout", &used).await.expect(200);
    phone.get(EMAIL).await.expect(200);
    assert_eq!(old.get(EMAIL).await.status, 401, "its own session has ended");

    // It is neither good after its session has ended.
    let dead = json!({ "refreshToken": next["refreshToken"], "allSessions": true });
    tenant.anybody().post("/v1/logout", &dead).await.expect(200);
    phone.get(EMAIL).await.expect(200);
    let good = json!({ "refreshToken": phone.tokens["refreshToken"], "allSessions": true });
    let tablet = tenant.sign_in("ada").await;
    tenant.anybody().post("/v1/logout", &good).await.expect(200);
    assert_eq!(tablet.get(EMAIL).await.status, 401, "the control");
}

#[tokio::test]
async fn domains_that_are_not_taken_are_not_reached_by_a_change_either() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let (owner, ada) = (tenant.owner().await, tenant.sign_up("ada").await);
    app.work().await;
    app.advance(61);
    let policy = json!({ "spec": { "mode": "open", "allowedDomains": ["example.com"] } });
    owner
        .put(&format!("{CONSOLE}/policies/sign-up"), &policy)
        .await
        .expect(200);

    let refused = ada.put(EMAIL, &json!({ "email": "ada@evil.example" })).await;
    assert_eq!(refused.status, 400, "{}", refused.text);
    assert!(refused.text.contains("email_domain_refused"), "{}", refused.text);
    ada.put(EMAIL, &json!({ "email": "lovelace@example.com" }))
        .await
        .expect(200);
    app.work().await;
}

#[tokio::test]
async fn signing_in_anew_with_one_browser_ends_the_session_before() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    tenant.sign_up("ada").await;
    app.work().await;
    let planted = cookie_of(&tenant, "ada").await;
    let given = json!({ "username": "ada", "password": PASSWORD });
    let request = tenant
        .anybody()
        .request(Method::POST, &format!("{CONSOLE}/sessions"))
        .header("cookie", &planted)
        .header("sec-fetch-site", "same-origin")
        .json(&given);
    let answer = tenant.anybody().send(request).await;
    let now = answer.header("set-cookie").split(';').next().unwrap().to_owned();

    let own = async |cookie: &str| {
        let request = tenant.anybody().request(Method::GET, EMAIL).header("cookie", cookie);
        tenant.anybody().send(request).await.status.as_u16()
    };
    assert_ne!(planted, now);
    assert_eq!((own(&planted).await, own(&now).await), (401, 200));

    // What an application holds is not the browser's.
    let ada = tenant.sign_in("ada").await;
    ada.post(&format!("{CONSOLE}/sessions"), &given).await.expect(200);
    ada.get(EMAIL).await.expect(200);
}
