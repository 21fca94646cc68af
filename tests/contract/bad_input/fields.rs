//! Values that are text, but not the text that is wanted.

use super::{USERS, check, check_field, dressed, operations, totals};
use crate::support::{PASSWORD, TestApp};
use serde_json::{Value, json};

const NAMES: &[&str] = &[
    "",
    " ",
    "-",
    "me",
    "ME",
    "anonymous",
    "System",
    ".",
    "..",
    "a b",
    "ada\n",
    "ada\0",
    "\u{7f}",
    "ada\u{202e}",
    "\u{200b}ada",
    "аda",
    "adа",
    "ａda",
    "a/b",
    "a%2Fb",
    "a@b",
    "-ada",
    "ada-",
    ".ada",
    "ada_",
    "<b>",
    "a'--",
    "a\u{301}",
];

const ADDRESSES: &[&str] = &[
    "",
    " ",
    "ada",
    "@",
    "@example.com",
    "ada@",
    "ada@example",
    "ada@@example.com",
    "a@b@example.com",
    "ada@example.com\r\nBcc: eve@example.com",
    "ada@example.com\n",
    "ada\r@example.com",
    "ada\0@example.com",
    " ada@example.com",
    "ada@example.com ",
    "\"ada\"@example.com",
    "\"a@b\"@example.com",
    "ada(x)@example.com",
    "ada@(x)example.com",
    "Ada <ada@example.com>",
    "<ada@example.com>",
    "ada@example.com,eve@example.com",
    "ada@example.com;eve@example.com",
    "ada@example.com eve@example.com",
    "mailto:ada@example.com@",
    "ada@[127.0.0.1]",
    "ada@[IPv6:::1]",
    "ada@127.0.0.1",
    "ada@example.com.",
    "ada@.example.com",
    "ada@exa_mple.com",
    "ada@-example.com",
    "ada@example..com",
    ".ada@example.com",
    "ada.@example.com",
    "a..b@example.com",
    "ada＠example.com",
    "adа@example.com",
    "ada@example.com?bcc=eve@example.com",
    "ada%0d%0a@[x]",
];

#[tokio::test]
async fn a_user_name_that_is_none_is_refused() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let before = totals(&owner).await;
    let long = "a".repeat(64);
    for (operation, field) in operations()
        .iter()
        .zip(["name", "", "username"])
        .filter(|(_, field)| !field.is_empty())
    {
        for bad in NAMES.iter().copied().chain([long.as_str()]) {
            let reply = operation.send_json(&owner, &operation.with(field, bad)).await;
            check_field(&format!("{} {bad:?}", operation.path), &reply, field);
        }
    }
    assert_eq!(totals(&owner).await, before);

    let longest = json!({ "name": "a".repeat(63), "email": "long@example.com" });
    let made = owner.post(USERS, &longest).await.expect(200);
    assert_eq!(
        made["metadata"]["name"], longest["name"],
        "the control: what is just short enough"
    );
}

#[tokio::test]
async fn an_address_that_is_none_is_refused() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let before = totals(&owner).await;
    // 64 octets before the @, 254 in all (RFC 5321 §4.5.3.1).
    let domain = |length: usize| format!("{}.{}.{}.com", "a".repeat(63), "b".repeat(63), "c".repeat(length - 132));
    let local = "x".repeat(64);
    let too_long = [
        format!("{local}x@example.com"),
        format!("{local}@{}", domain(190)),
        "a".repeat(10_000) + "@example.com",
    ];
    for operation in operations() {
        for bad in ADDRESSES.iter().copied().chain(too_long.iter().map(String::as_str)) {
            let reply = operation.send_json(&owner, &operation.with("email", bad)).await;
            check_field(&format!("{} {bad:?}", operation.path), &reply, "email");
        }
    }
    assert_eq!(totals(&owner).await, before);

    let longest = format!("{local}@{}", domain(189));
    assert_eq!(longest.len(), 254);
    let made = owner
        .post(USERS, &json!({ "name": "ada", "email": longest }))
        .await
        .expect(200);
    assert_eq!(
        made["spec"]["email"], *longest,
        "the control: what is just short enough"
    );
}

#[tokio::test]
async fn a_password_that_is_too_short_too_long_or_the_first_guess_is_refused() {
    let mut app = TestApp::start().await;
    app.abandon_jobs();
    let owner = app.default_tenant().owner().await;
    let before = totals(&owner).await;
    let longest = "🦀🐙🦑🐡🐠🐟🐬🐳🐋🦈🐊🐅🐆🦓🦍🦧".repeat(16);
    let long = format!("{longest}🦀");
    for operation in operations()
        .iter()
        .filter(|operation| operation.path != "/auth/v1/users/me/email")
    {
        for bad in [
            "",
            "1234567",
            "🦀🦀🦀🦀🦀🦀🦀",
            "with\0a NUL in it",
            "Password",
            "12345678",
            "password1234567",
            &long,
        ] {
            let reply = operation.send_json(&owner, &operation.with("password", bad)).await;
            check_field(&format!("{} {bad:?}", operation.path), &reply, "password");
            assert!(
                bad.is_empty() || !reply.text.contains(bad),
                "a password is never sent back"
            );
        }
    }
    assert_eq!(totals(&owner).await, before);

    // The control, and nothing is cut: the last character counts.
    let new = json!({ "username": "ada", "email": "ada@example.com", "password": longest });
    let anybody = owner.tenant.anybody();
    anybody.post("/v1/register", &new).await.expect(200);
    let sign_in = |password: &str| json!({ "username": "ada", "password": password });
    anybody.post("/v1/login", &sign_in(&longest)).await.expect(200);
    let one_less = longest.strip_suffix('🦧').unwrap();
    check(
        "one less",
        &anybody.post("/v1/login", &sign_in(one_less)).await,
        401,
        "credentials_invalid",
    );
    check_field(
        "one more",
        &anybody.post("/v1/login", &sign_in(&long)).await,
        "password",
    );
}

/// Text that a database cannot hold, wherever text is taken: a path of a POST, and its body.
fn with_nul() -> impl Iterator<Item = (&'static str, Value)> {
    let nul = "a\0b";
    let of_user = [
        ("displayName", json!(nul)),
        ("avatar", json!(nul)),
        ("phone", json!(nul)),
        ("bio", json!(nul)),
        ("annotations", json!({ "key": nul })),
        ("annotations", json!({ nul: "value" })),
        ("roles", json!([nul])),
    ];
    let users = of_user.into_iter().enumerate().map(|(number, (field, value))| {
        let mut new = json!({ "name": format!("u{number}"), "email": format!("u{number}@example.com") });
        new[field] = value;
        (USERS, new)
    });
    let others = [
        (
            "/v1/login",
            json!({ "username": "admin", "password": PASSWORD, "clientId": nul }),
        ),
        ("/v1/login", json!({ "username": nul, "password": PASSWORD })),
        ("/v1/login", json!({ "username": "admin", "password": nul })),
        ("/v1/refresh", json!({ "refreshToken": nul })),
        ("/v1/logout", json!({ "refreshToken": nul })),
        ("/v1/email/verify", json!({ "verificationId": nul, "code": "123456" })),
        ("/v1/email/verify", json!({ "email": "ada@example.com", "code": nul })),
        ("/auth/v1/users/me/email/_verify", json!({ "code": nul })),
    ];
    users.chain(others)
}

#[tokio::test]
async fn text_with_a_nul_or_half_a_character_never_breaks_the_server() {
    let mut app = TestApp::start().await;
    app.abandon_jobs();
    let owner = app.default_tenant().owner().await;
    let mut broken = vec![];
    for (path, body) in with_nul() {
        let reply = owner.post(path, &body).await;
        dressed(path, &reply);
        if reply.status.is_server_error() {
            broken.push(format!("{} {path} {body}", reply.status));
        }
    }
    let queries = "%00 a%00b %FF % %zz \\ %25 _ ' %F0%9F%A6%80 %ED%A0%80";
    for query in queries.split(' ') {
        let reply = owner.get(&format!("{USERS}?keyword={query}")).await;
        dressed(query, &reply);
        if reply.status.is_server_error() {
            broken.push(format!("{} {USERS}?keyword={query}", reply.status));
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[tokio::test]
async fn a_policy_that_contradicts_itself_is_refused_with_the_field_where_the_request_has_it() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let sessions = json!({
        "accessTokenSeconds": 900, "idleSeconds": 3_601, "absoluteSeconds": 3_600, "mostPerUser": 3,
    });
    let shop = json!({ "clientId": "shop", "displayName": "Shop", "color": "#112233" });
    let branding = json!({ "color": "#445566", "applications": [shop, shop] });
    let words = json!({ "preset": "nist-single", "minLength": 16, "blocklist": { "words": ["abc"] } });
    for (policy, spec, fields) in [
        ("sessions", sessions, vec!["spec.idleSeconds"]),
        ("branding", branding, vec!["spec.applications"]),
        ("password", words, vec!["spec.blocklist.words[0]", "spec.minLength"]),
    ] {
        let path = format!("/apis/console/v1alpha1/policies/{policy}");
        let refused = owner.put(&path, &json!({ "spec": spec })).await;
        assert_eq!(super::fields(&refused), fields, "{}", refused.text);
    }
}
