//! Signing up, and proving an address.

use crate::support::{PASSWORD, TestApp, wrong};
use serde_json::json;

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

    let again = json!({ "username": "eve", "email": "ada@example.com", "password": PASSWORD, "verificationId": id, "code": code });
    anybody
        .post("/v1/register", &again)
        .await
        .expect_problem(400, "code_invalid");
    let _ = wrong(&code);
}
