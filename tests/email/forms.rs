//! What is no address, and what is one in an unusual form, where mail is asked for.

use crate::groups::bad_input::{ADA, Act, acts, refused};
use crate::support::TestApp;
use reqwest::Method;
use serde_json::json;

/// What somebody might send for an address, and must not be taken for one.
fn forms() -> Vec<String> {
    let plain = [
        "\"ada\"@example.com",
        "\"a b\"@example.com",
        "ada(comment)@example.com",
        "ada@(comment)example.com",
        "Ada <ada@example.com>",
        "<ada@example.com>",
        "ada@example.com\r\nBcc: eve@evil.test",
        "ada@example.com\nX: y",
        "ada@example.com%0d%0aBcc:eve@evil.test",
        "ada@example.com\0",
        "ada@example.com,eve@evil.test",
        "ada@example.com;eve@evil.test",
        "ada@example.com eve@evil.test",
        "ada@example.com@evil.test",
        "ada＠example.com",
        "ada﹫example.com",
        "ada@example｡com ",
        "адa@example.com",
        "ädа@example.com",
        "ada\u{200b}@example.com",
        "ada\u{202e}@example.com",
        "用户@例子.广告",
        "ada@[127.0.0.1]",
        "ada@[IPv6:::1]",
        "ada@127.0.0.1",
        "ada@example",
        "ada@example.com.",
        "ada@.example.com",
        "ada@example..com",
        "ada@-example.com",
        "ada@exa_mple.com",
        ".ada@example.com",
        "ada.@example.com",
        "a..da@example.com",
        " ada@example.com",
        "ada@example.com ",
        "mailto:ada@example.com",
        "-oQ/tmp/x@example.com\t",
    ];
    let mut forms: Vec<_> = plain.iter().map(|form| (*form).to_owned()).collect();
    forms.push(format!("{}@example.com", "a".repeat(65)));
    forms.push(format!("ada@{}.com", "a".repeat(64)));
    let domain = format!(
        "{}.{}.{}.{}",
        "b".repeat(63),
        "c".repeat(63),
        "d".repeat(51),
        "example.com"
    );
    forms.push(format!("{}@{domain}", "a".repeat(64)));
    forms
}

#[tokio::test]
async fn what_is_no_plain_address_is_mailed_to_by_no_operation() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let takes_address = |act: &Act| act.body.get("email").is_some() && act.path != "/api/auth/login";
    for act in acts().iter().filter(|act| takes_address(act)) {
        for form in forms() {
            let mut body = act.body.clone();
            body["email"] = json!(form);
            let reply = act.send(&owner, &body).await;
            refused(&format!("{} {form:?}", act.path), act.path, &reply, 400, "invalid");
        }
        for other in [json!([ADA]), json!({ "address": ADA }), json!([ADA, "eve@evil.test"])] {
            let mut body = act.body.clone();
            body["email"] = other.clone();
            let reply = act.send(&owner, &body).await;
            refused(&format!("{} {other}", act.path), act.path, &reply, 400, "invalid");
        }
    }
    for path in ["/api/verification", "/api/reset_password"] {
        for form in forms() {
            let query: String = url::form_urlencoded::byte_serialize(form.as_bytes()).collect();
            let reply = owner.get(&format!("{path}?email={query}")).await;
            refused(&format!("{path} {form:?}"), path, &reply, 400, "invalid");
        }
        for query in [
            "",
            "?email",
            "?email=",
            "?address=ada@example.com",
            "?email=ada%40example.com%0d%0aBcc:x@y.test",
        ] {
            let reply = owner.get(&format!("{path}{query}")).await;
            refused(&format!("{path}{query}"), path, &reply, 400, "invalid");
        }
    }
    assert_eq!(app.work().await, 0, "nothing was sent to anybody");
}

#[tokio::test]
async fn an_address_at_the_limits_is_mailed_to_as_it_was_typed() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let domain = format!("{}.{}.{}.example.com", "b".repeat(63), "c".repeat(63), "d".repeat(48));
    let longest = format!("{}@{domain}", "a".repeat(64));
    assert_eq!(longest.len(), 64 + 1 + 188);
    for (given, mailed) in [
        ("Ada.Lovelace+news@Example.COM", "Ada.Lovelace+news@example.com"),
        ("o'brien@example.com", "o'brien@example.com"),
        ("{a}|b~c@example.com", "{a}|b~c@example.com"),
        ("ada@bücher.example", "ada@xn--bcher-kva.example"),
        ("bob@XN--BCHER-KVA.example", "bob@xn--bcher-kva.example"),
        (longest.as_str(), longest.as_str()),
    ] {
        let asked = json!({ "email": given, "purpose": "register" });
        let anybody = tenant.anybody();
        anybody.post("/v1/email/send-verification", &asked).await.expect(200);
        let mails = tenant.mail_to(mailed).await;
        assert_eq!(mails.len(), 1, "{given}");
        let given = json!({ "email": mailed.to_uppercase(), "purpose": "register", "code": mails[0].code() });
        anybody.post("/v1/email/verify", &given).await.expect(200);
    }
}

#[tokio::test]
async fn a_get_that_nobody_means_sends_nothing() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let anybody = tenant.anybody();
    for path in [
        "/api/verification?email=ada@example.com",
        "/api/reset_password?email=ada@example.com",
    ] {
        for (name, value) in [
            ("sec-purpose", "prefetch"),
            ("sec-purpose", "prefetch;prerender"),
            ("purpose", "prefetch"),
            ("x-moz", "prefetch"),
            ("sec-fetch-mode", "navigate"),
            ("sec-fetch-mode", "no-cors"),
        ] {
            let request = anybody.request(Method::GET, path).header(name, value);
            let reply = anybody.send(request).await;
            refused(&format!("{path} {name}: {value}"), path, &reply, 403, "cross_site");
        }
        assert_eq!(app.work().await, 0);
        let request = anybody.request(Method::GET, path).header("sec-fetch-mode", "cors");
        anybody.send(request).await.expect(200);
        assert_eq!(app.work().await, 1, "the control");
    }
}
