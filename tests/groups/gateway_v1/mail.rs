//! The request for a code that the documentation of the group shows, word for word.

use crate::{groups::send, support::TestApp};
use reqwest::Method;

#[tokio::test]
async fn send_email_verification_of_the_gateway_group() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let anybody = tenant.anybody();
    // The page shows the types of the fields in place of values, and "string" is no address.
    let shown = r#"{
    "email": "string",
    "purpose": "string",
    "clientId": "string",
    "language": "string"
}"#;
    let path = "/v1/email/send-verification";
    let refused = send(&anybody, Method::POST, path, shown)
        .await
        .expect_problem(400, "invalid");
    assert_eq!(refused["code"], 3);
    let violations = refused["details"][1]["fieldViolations"].as_array().unwrap();
    let fields: Vec<_> = violations.iter().map(|wrong| &wrong["field"]).collect();
    assert_eq!(fields, ["email", "purpose"]);

    let real = r#"{ "email": "ada@example.com", "purpose": "register", "clientId": "string", "language": "string" }"#;
    let answer = send(&anybody, Method::POST, path, real).await.expect(200);
    let keys: Vec<_> = answer.as_object().unwrap().keys().collect();
    assert_eq!(
        keys,
        ["success", "message", "verificationId", "expiresIn", "resendAfter"]
    );
    assert_eq!(answer["success"], true);
    assert!(answer["message"].is_string() && answer["verificationId"].is_string());
    assert!(answer["expiresIn"].is_u64() && answer["resendAfter"].is_u64());
    app.work().await;
}
