//! A user who knows their password changes it.

use super::{CHANGED, OWN, ways::NEW};
use crate::support::{PASSWORD, TestApp};
use serde_json::json;

#[tokio::test]
async fn a_change_of_ones_password_tells_the_owner_and_keeps_this_session_alone() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    for (number, path) in ["/v1/password/change", "/api/auth/change-password"].iter().enumerate() {
        let name = format!("user{number}");
        let here = tenant.sign_up_proven(&name).await;
        let there = tenant.sign_in(&name).await;
        let given = json!({ "currentPassword": PASSWORD, "newPassword": NEW, "confirmPassword": NEW });
        here.post(path, &given).await.expect(200);

        here.get(OWN).await.expect(200);
        let renew = json!({ "refreshToken": here.tokens["refreshToken"] });
        here.post("/v1/refresh", &renew).await.expect(200);
        there.get(OWN).await.expect_problem(401, "unauthenticated");
        let mails = tenant.mail_to(&format!("{name}@example.com")).await;
        assert_eq!(mails[0].subject(), CHANGED);
        assert!(!mails[0].text().contains(NEW));
    }
    // An address that nobody has proven may be somebody else's.
    let ulla = tenant.sign_up("ulla").await;
    let given = json!({ "currentPassword": PASSWORD, "newPassword": NEW });
    ulla.post("/v1/password/change", &given).await.expect(200);
    assert_eq!(tenant.mail_to("ulla@example.com").await.len(), 1);
}
