//! The brand and the language of mails.

use crate::support::{Mail, PASSWORD, Tenant, TestApp};
use reqwest::Method;
use serde_json::{Value, json};

const ADA: &str = "ada@example.com";

/// Every mail that somebody can ask for with a language and a `clientId`: the path and the body,
/// and its subject in English and in Chinese.
fn asks() -> [(&'static str, Value, &'static str, &'static str); 4] {
    [
        (
            "/v1/email/send-verification",
            json!({ "email": "new@example.com", "purpose": "register" }),
            "Your verification code for BRAND",
            "您在 BRAND 的验证码",
        ),
        (
            "/v1/email/send-verification",
            json!({ "email": ADA, "purpose": "reset_password" }),
            "Choose a new password for BRAND",
            "设置您在 BRAND 的新密码",
        ),
        (
            "/v1/password/reset",
            json!({ "email": ADA }),
            "Choose a new password for BRAND",
            "设置您在 BRAND 的新密码",
        ),
        (
            "/apis/console/v1alpha1/invitations",
            json!({ "spec": { "email": "guest@example.com" } }),
            "You are invited to BRAND",
            "BRAND 邀请您加入",
        ),
    ]
}

/// Asks with these fields and this header, and returns the mail.
async fn ask(tenant: &Tenant<'_>, path: &str, body: &Value, besides: Value, header: &str) -> Mail {
    tenant.app.advance(901);
    let owner = tenant.owner().await;
    let mut body = body.clone();
    let fields = match body["spec"].is_object() {
        true => body["spec"].as_object_mut(),
        false => body.as_object_mut(),
    };
    fields.unwrap().extend(besides.as_object().unwrap().clone());
    let address = body.pointer("/spec/email").unwrap_or(&body["email"]);
    let address = address.as_str().unwrap().to_owned();
    let anybody = tenant.anybody();
    let who = if path.contains("console") { &owner } else { &anybody };
    let request = who.request(Method::POST, path).header("accept-language", header);
    who.send(request.json(&body)).await.expect(200);
    tenant.mail_to(&address).await.swap_remove(0)
}

#[tokio::test]
async fn a_mail_is_in_the_language_of_the_field_else_of_the_header_else_in_english() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    tenant.sign_up_proven("ada").await;
    for (path, body, english, chinese) in asks() {
        for (field, header, expected) in [
            (json!({ "language": "zh-CN" }), "en", chinese),
            (json!({ "language": "en" }), "zh-CN", english),
            (json!({}), "zh-Hans-CN, en;q=0.5", chinese),
            (json!({}), "fr, de;q=0.5", english),
            (json!({}), "zh;q=0, en", english),
            (json!({}), "en;q=0.5, zh;q=0.8", chinese),
            (json!({ "language": "fr" }), "zh", english),
        ] {
            let mail = ask(&tenant, path, &body, field.clone(), header).await;
            let expected = expected.replace("BRAND", "Tenantry");
            assert_eq!(mail.subject(), expected, "{path} {field} {header}");
        }
    }
}

#[tokio::test]
async fn a_mail_has_the_name_of_an_application_the_tenant_knows_and_of_no_other() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    tenant.sign_up_proven("ada").await;
    let shop = json!({ "clientId": "shop", "displayName": "The <b>Shop</b>", "color": "#112233" });
    let branding = json!({ "spec": { "color": "#445566", "applications": [shop] } });
    let path = "/apis/console/v1alpha1/policies/branding";
    tenant.owner().await.put(path, &branding).await.expect(200);
    for (path, body, english, _) in asks() {
        let known = ask(&tenant, path, &body, json!({ "clientId": "shop" }), "en").await;
        assert_eq!(known.subject(), english.replace("BRAND", "The <b>Shop</b>"));
        let html = known.0["spec"]["html"].as_str().unwrap();
        assert!(html.contains("#112233") && !html.contains("<b>Shop"), "{html}");
        for unknown in ["Shop", "shop ", "nobody", "<script>", "Call +1 555 0100 now"] {
            let mail = ask(&tenant, path, &body, json!({ "clientId": unknown }), "en").await;
            assert_eq!(mail.subject(), english.replace("BRAND", "Tenantry"));
            let html = mail.0["spec"]["html"].as_str().unwrap();
            assert!(html.contains("#445566"), "{html}");
            // Words that no code and no token of a link can have in it.
            let text = mail.text();
            assert!(!text.contains("Call +1") && !text.contains("<script>"), "{text}");
            assert!(
                !html.contains("Call +1") && !html.contains("script&") && !html.contains("<script"),
                "{html}"
            );
        }
    }
}

#[tokio::test]
async fn the_mail_of_a_sign_up_is_in_the_name_of_its_application() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let shop = json!({ "clientId": "shop", "displayName": "Shop" });
    let branding = json!({ "spec": { "color": "#445566", "applications": [shop] } });
    let path = "/apis/console/v1alpha1/policies/branding";
    tenant.owner().await.put(path, &branding).await.expect(200);
    for (name, client, brand) in [("ada", "shop", "Shop"), ("bob", "other", "Tenantry")] {
        let address = format!("{name}@example.com");
        let new = json!({
            "username": name, "email": address, "password": PASSWORD, "clientId": client, "language": "zh",
        });
        tenant.anybody().post("/v1/register", &new).await.expect(200);
        let mail = tenant.mail_to(&address).await.swap_remove(0);
        assert_eq!(mail.subject(), format!("您在 {brand} 的验证码"));
    }
}

#[tokio::test]
async fn the_code_and_the_link_of_one_mail_are_one_secret_and_looking_at_the_link_uses_nothing() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let pages = [
        ("register", "sign-up"),
        ("verify_email", "verify"),
        ("reset_password", "reset"),
    ];
    for (number, first_is_code) in [true, false].into_iter().enumerate() {
        tenant.sign_up(&format!("user{number}")).await;
        app.work().await;
        app.advance(61);
        for (purpose, page) in pages {
            let address = match purpose {
                "register" => format!("new{number}@example.com"),
                _ => format!("user{number}@example.com"),
            };
            let asked = json!({ "email": address, "purpose": purpose });
            let anybody = tenant.anybody();
            anybody.post("/v1/email/send-verification", &asked).await.expect(200);
            let mail = tenant.mail_to(&address).await.swap_remove(0);
            for method in [Method::GET, Method::HEAD, Method::GET] {
                let path = format!("/login/{page}?token={}", mail.token());
                anybody.send(anybody.request(method, &path)).await;
            }
            let (path, give): (_, Box<dyn Fn(String) -> Value>) = match purpose {
                "register" => (
                    "/v1/register",
                    Box::new(
                        |code| json!({ "username": format!("new{number}"), "email": address, "password": PASSWORD, "code": code }),
                    ),
                ),
                "verify_email" => (
                    "/v1/email/verify",
                    Box::new(|code| json!({ "email": address, "purpose": purpose, "code": code })),
                ),
                _ => (
                    "/v1/password/confirm-reset",
                    Box::new(|code| json!({ "email": address, "code": code, "newPassword": "a quite other staple" })),
                ),
            };
            let mut secrets = [mail.code(), mail.token()];
            if !first_is_code {
                secrets.reverse();
            }
            let [first, second] = secrets;
            anybody.post(path, &give(first)).await.expect(200);
            let again = anybody.post(path, &give(second)).await;
            again.expect_problem(400, "code_invalid");
        }
    }
    app.work().await;
}
