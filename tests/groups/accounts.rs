//! The accounts group: the requests that its documentation shows, word for word.

use super::{link_to, send};
use crate::support::{PASSWORD, Person, Tenant, TestApp};
use reqwest::Method;
use serde_json::{Value, json};

/// Asks of passwords what the documentation of the accounts group says.
async fn ask_for_classes(tenant: &Tenant<'_>) {
    let policy = json!({ "spec": { "preset": "legacy-classes" } });
    let owner = tenant.owner().await;
    owner
        .put("/apis/console/v1alpha1/policies/password", &policy)
        .await
        .expect(200);
}

#[tokio::test]
async fn sign_up_sign_in_and_tokens_of_the_accounts_group() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    ask_for_classes(&tenant).await;
    let anybody = tenant.anybody();
    let register = r#"{
"user": {
"firstName": "John",
"lastName": "Doe",
"email": "john@example.com",
"password": "SecureP@ss123"
},
"password": "SecureP@ss123",
"confirmPassword": "SecureP@ss123"
}"#;
    let made = send(&anybody, Method::POST, "/api/auth/register", register)
        .await
        .expect(201);
    assert_eq!(made["email"], "john@example.com");
    assert_eq!((&made["firstName"], &made["lastName"]), (&json!("John"), &json!("Doe")));
    assert_eq!(
        (&made["name"], &made["isEmailVerified"]),
        (&json!("John Doe"), &json!(false))
    );
    let again = send(&anybody, Method::POST, "/api/auth/register", register)
        .await
        .expect(201);
    assert_eq!(
        again["email"], made["email"],
        "whether an address is in use is not told"
    );

    let unknown = r#"{
"email": "user@example.com",
"password": "your-password"
}"#;
    let refused = send(&anybody, Method::POST, "/api/auth/login", unknown)
        .await
        .expect(401);
    assert_eq!(refused["statusCode"], 401);
    assert_eq!(refused["message"], "Unauthorized");
    app.work().await;
    let verified = json!({ "email": "john@example.com", "code": tenant.code_to("john@example.com").await });
    anybody.post("/api/auth/email/verify/code", &verified).await.expect(200);
    let given = json!({ "email": "john@example.com", "password": "SecureP@ss123" });
    let signed_in = anybody.post("/api/auth/login", &given).await.expect(200);
    // The newest mail is for the account that was made last.
    assert_eq!(signed_in["user"]["id"], again["id"]);
    assert_eq!(signed_in["user"]["name"], "John Doe");
    tokens_are_checked_and_renewed(&app, &anybody, &signed_in).await;
}

async fn tokens_are_checked_and_renewed(app: &TestApp, anybody: &Person<'_>, signed_in: &Value) {
    let check = anybody
        .request(Method::GET, "/api/auth/check")
        .bearer_auth(signed_in["token"].as_str().unwrap());
    let check = anybody.send(check).await.expect(200);
    assert_eq!(check["authenticated"], true);
    let wrong = anybody.request(Method::GET, "/api/auth/check").bearer_auth("token");
    anybody.send(wrong).await.expect_problem(401, "unauthenticated");

    let invalid = r#"{
"refresh_token": "jwt-refresh-token"
}"#;
    send(anybody, Method::POST, "/api/auth/refresh-token", invalid)
        .await
        .expect_problem(401, "refresh_token_invalid");
    let refresh = json!({ "refresh_token": signed_in["refresh_token"] });
    let renewed = anybody.post("/api/auth/refresh-token", &refresh).await.expect(200);
    assert!(renewed["token"].is_string());
    assert_ne!(renewed["refresh_token"], signed_in["refresh_token"]);
    app.advance(11);
    anybody
        .post("/api/auth/refresh-token", &refresh)
        .await
        .expect_problem(401, "refresh_token_invalid");
}

/// Somebody of the accounts group with a proven address, signed in.
async fn john<'a>(tenant: &Tenant<'a>) -> Person<'a> {
    let anybody = tenant.anybody();
    let new = json!({
        "user": { "firstName": "John", "email": "john@example.com" },
        "password": PASSWORD, "confirmPassword": PASSWORD,
    });
    anybody.post("/api/auth/register", &new).await.expect(201);
    let given = json!({ "email": "john@example.com", "password": PASSWORD });
    let signed_in = anybody.post("/api/auth/login", &given).await.expect(200);
    Person {
        tenant: tenant.clone(),
        name: "john".to_owned(),
        tokens: json!({ "accessToken": signed_in["token"] }),
    }
}

#[tokio::test]
async fn passwords_of_the_accounts_group() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let john = john(&tenant).await;
    let anybody = tenant.anybody();
    app.work().await;

    let shown = r#"{
"email": "user@example.com"
}"#;
    let path = "/api/auth/reset-password";
    assert_eq!(send(&anybody, Method::POST, path, shown).await.expect(200), true);
    let known = json!({ "email": "john@example.com" });
    assert_eq!(anybody.post(path, &known).await.expect(200), true);
    let token = link_to(&tenant, "john@example.com").await;
    let new = "another battery staple";
    let mismatch = json!({ "token": token, "password": new, "confirmPassword": "another one" });
    let refused = anybody.post(path, &mismatch).await.expect(400);
    assert_eq!(
        refused["message"],
        json!(["The password and confirmation password must match."])
    );
    let bad = json!({ "token": "no-token", "password": new, "confirmPassword": new });
    let refused = anybody.post(path, &bad).await.expect(400);
    assert_eq!(refused["message"], "Password Reset Failed.");
    let good = json!({ "token": token, "password": new, "confirmPassword": new });
    assert_eq!(anybody.post(path, &good).await.expect(200), true);
    john.get("/api/auth/check").await.expect(401);

    let given = json!({ "email": "john@example.com", "password": new });
    let signed_in = anybody.post("/api/auth/login", &given).await.expect(200);
    let mut john = john;
    john.tokens = json!({ "accessToken": signed_in["token"] });
    let shown = r#"{
"currentPassword": "old-password",
"newPassword": "new-password",
"confirmPassword": "new-password"
}"#;
    let path = "/api/auth/change-password";
    send(&john, Method::POST, path, shown)
        .await
        .expect_problem(400, "password_wrong");
    let change = json!({ "currentPassword": new, "newPassword": PASSWORD, "confirmPassword": PASSWORD });
    assert_eq!(john.post(path, &change).await.expect(200), ok());
    app.work().await;
}

fn ok() -> Value {
    json!({ "status": 200, "message": "OK" })
}

#[tokio::test]
async fn addresses_of_the_accounts_group() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let john = john(&tenant).await;
    let anybody = tenant.anybody();
    app.work().await;

    // The page shows the code as a number.
    let shown = r#"{
"email": "user@example.com",
"code": 123456
}"#;
    let refused = send(&anybody, Method::POST, "/api/auth/email/verify/code", shown)
        .await
        .expect(400);
    assert_eq!(refused["message"], "Failed to verify email.");
    app.advance(61);
    let resend = "/api/auth/email/verify/resend-verification-code";
    assert_eq!(john.post(resend, &json!({})).await.expect(200), ok());
    let code: u32 = tenant.code_to("john@example.com").await.parse().unwrap();
    let given = json!({ "email": "john@example.com", "code": code });
    assert_eq!(
        anybody.post("/api/auth/email/verify/code", &given).await.expect(200),
        ok()
    );
    let refused = john.post(resend, &json!({})).await.expect(400);
    assert_eq!(refused["message"], "Your email is already verified.");

    let shown = r#"{
"email": "check@example.com"
}"#;
    let path = "/api/email-check/validate";
    let uniform = json!({ "exists": false, "available": true });
    assert_eq!(send(&anybody, Method::POST, path, shown).await.expect(200), uniform);
    let taken = json!({ "email": "john@example.com" });
    assert_eq!(anybody.post(path, &taken).await.expect(200), uniform);
    let open = json!({ "spec": { "mode": "open", "addressesTold": true } });
    let owner = tenant.owner().await;
    owner
        .put("/apis/console/v1alpha1/policies/sign-up", &open)
        .await
        .expect(200);
    let told = json!({ "exists": true, "available": false });
    assert_eq!(anybody.post(path, &taken).await.expect(200), told);

    let shown = r#"{
"email": "new@example.com"
}"#;
    let path = "/api/email-reset/request-change";
    assert_eq!(send(&john, Method::POST, path, shown).await.expect(200), ok());
    let code: u32 = tenant.code_to("new@example.com").await.parse().unwrap();
    let wrong = json!({ "code": (code + 1) % 1_000_000 });
    john.post("/api/email-reset/verify", &wrong)
        .await
        .expect_problem(400, "code_invalid");
    let given = json!({ "code": code });
    assert_eq!(john.post("/api/email-reset/verify", &given).await.expect(200), ok());
    let me = john.get("/api/auth/check").await.expect(200);
    assert_eq!(me["user"]["email"], "new@example.com");
    assert_eq!(
        tenant.mail_to("john@example.com").await[0].subject(),
        "The address of your account at Tenantry was changed"
    );
}
