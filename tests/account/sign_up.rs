//! Signing up.

use crate::support::{PASSWORD, TestApp, wrong};
use serde_json::{Value, json};

fn newcomer(name: &str) -> Value {
    json!({ "username": name, "email": format!("{name}@example.com"), "password": PASSWORD })
}

#[tokio::test]
async fn a_person_signs_up_with_a_code_and_begins_with_a_proven_address() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let anybody = tenant.anybody();

    let ask = json!({ "email": "Ada@Example.com", "purpose": "register", "clientId": "web", "language": "en" });
    let sent = anybody.post("/v1/email/send-verification", &ask).await.expect(200);
    assert_eq!(sent["success"], true);
    assert_eq!((&sent["expiresIn"], &sent["resendAfter"]), (&json!(600), &json!(60)));

    let code = tenant.code_to("Ada@example.com").await;
    let id = &sent["verificationId"];
    let check = json!({ "verificationId": id, "code": code });
    let checked = anybody.post("/v1/email/verify", &check).await.expect(200);
    assert_eq!(checked["verified"], true);

    let new = json!({
        "username": "Ada", "email": "ada@example.com", "password": PASSWORD, "displayName": "Ada Lovelace",
        "verificationId": id, "code": code,
    });
    let made = anybody.post("/v1/register", &new).await.expect(200);
    assert_eq!(made["emailVerified"], true);

    let ada = tenant.sign_in("ada@EXAMPLE.com").await;
    assert_eq!(ada.tokens["user"]["userId"], made["userId"]);
    assert_eq!(ada.tokens["user"]["displayName"], "Ada Lovelace");
    let found = tenant
        .owner()
        .await
        .get("/apis/console/v1alpha1/users?keyword=LOVELACE")
        .await
        .expect(200);
    assert_eq!(found["total"], 1);
    assert_eq!(found["items"][0]["user"]["spec"]["emailVerified"], true);
}

#[tokio::test]
async fn a_code_makes_one_account_and_only_with_its_own_address() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let anybody = tenant.anybody();
    let ask = json!({ "email": "ada@example.com", "purpose": "register" });
    anybody.post("/v1/email/send-verification", &ask).await.expect(200);
    let code = tenant.code_to("ada@example.com").await;
    let with_code = |name: &str, address: &str, code: &str| json!({ "username": name, "email": address, "password": PASSWORD, "code": code });

    let foreign = with_code("eve", "eve@example.com", &code);
    anybody
        .post("/v1/register", &foreign)
        .await
        .expect_problem(400, "code_invalid");
    let guessed = with_code("eve", "ada@example.com", &wrong(&code));
    anybody
        .post("/v1/register", &guessed)
        .await
        .expect_problem(400, "code_invalid");
    anybody
        .post("/v1/register", &with_code("ada", "ada@example.com", &code))
        .await
        .expect(200);
    anybody
        .post("/v1/register", &with_code("ada2", "ada@example.com", &code))
        .await
        .expect_problem(400, "code_invalid");

    let users = tenant
        .owner()
        .await
        .get("/apis/console/v1alpha1/users")
        .await
        .expect(200);
    assert_eq!(users["total"], 2, "the owner and Ada: {users}");
}

#[tokio::test]
async fn an_account_made_without_a_code_is_mailed_one() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();

    let made = tenant
        .anybody()
        .post("/v1/register", &newcomer("ada"))
        .await
        .expect(200);
    assert_eq!(made["emailVerified"], false);
    let code = tenant.code_to("ada@example.com").await;
    let given = json!({ "email": "ada@example.com", "code": code, "purpose": "verify_email" });
    tenant.anybody().post("/v1/email/verify", &given).await.expect(200);

    assert_eq!(tenant.sign_in("ada").await.tokens["user"]["emailVerified"], true);
}

#[tokio::test]
async fn a_name_belongs_to_one_user_in_any_case() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    tenant.sign_up("ada").await;

    let mut twin = newcomer("twin");
    twin["username"] = json!("ADA");
    tenant
        .anybody()
        .post("/v1/register", &twin)
        .await
        .expect_problem(409, "user_name_taken");
    app.work().await;
}

#[tokio::test]
async fn a_taken_name_does_not_use_up_the_code() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let ask = json!({ "email": "ada@example.com", "purpose": "register" });
    tenant
        .anybody()
        .post("/v1/email/send-verification", &ask)
        .await
        .expect(200);
    let code = tenant.code_to("ada@example.com").await;
    let mut new = newcomer("admin");
    new["email"] = json!("ada@example.com");
    new["code"] = json!(code);

    tenant
        .anybody()
        .post("/v1/register", &new)
        .await
        .expect_problem(409, "user_name_taken");
    new["username"] = json!("ada");
    tenant.anybody().post("/v1/register", &new).await.expect(200);
}

#[tokio::test]
async fn an_address_that_has_an_account_is_told_only_to_its_owner() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let anybody = tenant.anybody();
    tenant.sign_up("ada").await;
    let code = tenant.code_to("ada@example.com").await;
    let proof = json!({ "email": "ada@example.com", "code": code });
    anybody.post("/v1/email/verify", &proof).await.expect(200);
    app.advance(61);

    let ask = |address: &str| json!({ "email": address, "purpose": "register" });
    let known = anybody
        .post("/v1/email/send-verification", &ask("ada@example.com"))
        .await
        .expect(200);
    let unknown = anybody
        .post("/v1/email/send-verification", &ask("new@example.com"))
        .await
        .expect(200);
    let shape = |answer: &Value| {
        let mut answer = answer.clone();
        answer["verificationId"] = Value::Null;
        answer
    };
    assert_eq!(shape(&known), shape(&unknown));

    let mail = tenant.mail_to("ada@example.com").await;
    assert_eq!(mail[0].subject(), "You already have an account at Tenantry");
    assert!(
        !mail[0]
            .text()
            .lines()
            .any(|line| line.trim().len() == 6 && line.trim().parse::<u32>().is_ok())
    );
    assert_eq!(
        tenant.mail_to("new@example.com").await[0].subject(),
        "Your verification code for Tenantry"
    );

    // Somebody may claim the address all the same; nothing they do makes it theirs.
    let mut eve = newcomer("eve");
    eve["email"] = json!("ada@example.com");
    anybody.post("/v1/register", &eve).await.expect(200);
    let eve = tenant.sign_in("eve").await;
    assert_eq!(eve.tokens["user"]["emailVerified"], false);
    let by_address = tenant.sign_in("ada@example.com").await;
    assert_eq!(by_address.tokens["user"]["username"], "ada");
    app.work().await;
}

#[tokio::test]
async fn the_same_name_and_address_live_in_two_tenants() {
    let app = TestApp::start().await;
    let (one, two) = (app.tenant("one").await, app.tenant("two").await);

    let ada_of_one = one.sign_up("ada").await;
    let ada_of_two = two.sign_up("ada").await;

    assert_ne!(ada_of_one.tokens["user"]["userId"], ada_of_two.tokens["user"]["userId"]);
    assert_eq!(one.mail_to("ada@example.com").await.len(), 1);
    assert_eq!(two.mail_to("ada@example.com").await.len(), 1);
}

#[tokio::test]
async fn mail_is_written_in_the_language_that_was_asked_for() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let anybody = tenant.anybody();
    let ask = |address: &str, language: Option<&str>| json!({ "email": address, "purpose": "register", "language": language });

    anybody
        .post("/v1/email/send-verification", &ask("named@example.com", Some("zh-CN")))
        .await
        .expect(200);
    let by_header = anybody
        .request(reqwest::Method::POST, "/v1/email/send-verification")
        .header("accept-language", "fr, zh;q=0.9, en;q=0.8")
        .json(&ask("header@example.com", None));
    anybody.send(by_header).await.expect(200);
    anybody
        .post("/v1/email/send-verification", &ask("none@example.com", None))
        .await
        .expect(200);

    assert_eq!(
        tenant.mail_to("named@example.com").await[0].subject(),
        "您在 Tenantry 的验证码"
    );
    assert_eq!(
        tenant.mail_to("header@example.com").await[0].subject(),
        "您在 Tenantry 的验证码"
    );
    assert_eq!(
        tenant.mail_to("none@example.com").await[0].subject(),
        "Your verification code for Tenantry"
    );
}
