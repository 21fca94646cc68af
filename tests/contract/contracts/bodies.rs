//! What the documents show of requests, where that is less or something else than what the operation is tried with otherwise.

use super::super::statements::given::{ADDRESS, Given, Scene};
use crate::support::PASSWORD;
use serde_json::json;

/// A request as the document of the operation shows it, if that is another one.
pub(super) async fn documented<'a>(scene: &Scene<'a>, group: &str, id: &str) -> Option<Given<'a>> {
    let anybody = || scene.anybody();
    Some(match (group, id) {
        ("gateway.v1", "SendEmailVerification") => anybody().with(json!({
            "email": ADDRESS, "purpose": "register", "clientId": "console", "language": "en",
        })),
        ("accounts", "Register") => {
            let user = json!({ "firstName": "John", "lastName": "Doe", "email": ADDRESS, "password": PASSWORD });
            anybody().with(json!({ "user": user, "password": PASSWORD, "confirmPassword": PASSWORD }))
        }
        ("accounts", "ResetPassword") => {
            scene.person().await;
            anybody().with(json!({ "email": ADDRESS }))
        }
        // A number, as there.
        ("accounts", "VerifyEmailCode") => {
            let code = scene.code(&scene.person().await, ADDRESS).await;
            let code: u32 = code.parse().unwrap();
            anybody().with(json!({ "email": ADDRESS, "code": code }))
        }
        ("verification", "SendVerification") => anybody().asking(format!("?email={ADDRESS}&turnstile=token")),
        ("verification", "SendPasswordReset") => {
            scene.person().await;
            anybody().asking(format!("?email={ADDRESS}&turnstile=token"))
        }
        ("oidc", "GetJWKS" | "GetOIDCDiscovery") => anybody(),
        _ => return None,
    })
}
