//! A credential is good in the tenant that gave it out and nowhere else.

use super::{Operation, secured};
use crate::support::{PASSWORD, Person, Reply, Tenant, TestApp};
use reqwest::Method;
use serde_json::{Value, json};

const SESSIONS: &str = "/apis/console/v1alpha1/sessions";
const OWN: &str = "/auth/v1/users/me";

/// The value of the session cookie of a user who signs in in a browser.
async fn cookie(tenant: &Tenant<'_>, name: &str) -> String {
    let given = json!({ "username": "admin", "password": PASSWORD });
    let answer = tenant.anybody().post(SESSIONS, &given).await;
    let set = answer.header("set-cookie");
    let value = set
        .strip_prefix(&format!("tenantry-{name}="))
        .expect(set)
        .split(';')
        .next();
    value.unwrap().to_owned()
}

/// Sends a request with the cookie under the names of both tenants, as from a page of this site.
async fn with_cookie(tenant: &Tenant<'_>, method: Method, path: &str, cookie: &str) -> Reply {
    let anybody = tenant.anybody();
    let request = anybody
        .request(method, path)
        .header("cookie", format!("tenantry-a={cookie}; tenantry-b={cookie}"))
        .header("sec-fetch-site", "same-origin")
        .json(&json!({}));
    anybody.send(request).await
}

/// What a stranger is answered: that nobody knows them, or, where the tenants of the instance are, that nothing is there
/// for anybody.
fn abroad_is(operation: &Operation) -> u16 {
    match operation.document {
        "system.v1alpha1" => 404,
        _ => 401,
    }
}

#[tokio::test]
async fn an_access_token_of_one_tenant_means_nothing_to_another() {
    let mut app = TestApp::start().await;
    // Backups are wanted.
    app.abandon_jobs();
    let (a, b) = (app.tenant("a").await, app.tenant("b").await);
    for operation in secured() {
        // A new one each time: some operations end the session.
        let owner = a.owner().await;
        let abroad = Person {
            tenant: b.clone(),
            ..owner.clone()
        };
        let path = operation.path_with("admin");
        let send = async |person: &Person<'_>| {
            person
                .send(person.request(operation.method.clone(), &path).json(&json!({})))
                .await
        };
        let label = operation.label();
        let refused = send(&abroad).await;
        assert_eq!(
            refused.status,
            abroad_is(&operation),
            "{label} in another tenant: {}",
            refused.text
        );
        let taken = send(&owner).await;
        assert_ne!(taken.status, 401, "{label} in its own tenant: {}", taken.text);
    }
}

#[tokio::test]
async fn a_session_cookie_of_one_tenant_means_nothing_to_another() {
    let mut app = TestApp::start().await;
    // Backups are wanted.
    app.abandon_jobs();
    let (a, b) = (app.tenant("a").await, app.tenant("b").await);
    for operation in secured() {
        let cookie = cookie(&a, "a").await;
        let path = operation.path_with("admin");
        let label = operation.label();
        let refused = with_cookie(&b, operation.method.clone(), &path, &cookie).await;
        assert_eq!(
            refused.status,
            abroad_is(&operation),
            "{label} in another tenant: {}",
            refused.text
        );
        let taken = with_cookie(&a, operation.method.clone(), &path, &cookie).await;
        assert_ne!(taken.status, 401, "{label} in its own tenant: {}", taken.text);
    }
}

#[tokio::test]
async fn a_refresh_token_of_one_tenant_means_nothing_to_another() {
    let app = TestApp::start().await;
    let (a, b) = (app.tenant("a").await, app.tenant("b").await);
    let owner = a.owner().await;
    let given = json!({ "refreshToken": owner.tokens["refreshToken"] });

    b.anybody()
        .post("/v1/refresh", &given)
        .await
        .expect_problem(401, "refresh_token_invalid");
    // Not even to sign out with: the other tenant does not know it.
    b.anybody().post("/v1/logout", &given).await.expect(200);
    b.anybody()
        .post(
            "/v1/logout",
            &json!({ "refreshToken": given["refreshToken"], "allSessions": true }),
        )
        .await
        .expect(200);

    owner.get(OWN).await.expect(200);
    let renewed = a.anybody().post("/v1/refresh", &given).await.expect(200);
    assert_eq!(renewed["user"]["username"], "admin");
}

#[tokio::test]
async fn a_session_cannot_be_ended_from_another_tenant() {
    let app = TestApp::start().await;
    let (a, b) = (app.tenant("a").await, app.tenant("b").await);
    let owner = a.owner().await;
    let abroad = Person {
        tenant: b,
        ..owner.clone()
    };

    abroad
        .post("/v1/logout", &json!({ "allSessions": true }))
        .await
        .expect_problem(401, "unauthenticated");
    abroad
        .delete(&format!("{SESSIONS}/-"))
        .await
        .expect_problem(401, "unauthenticated");
    owner.get(OWN).await.expect(200);

    owner
        .post("/v1/logout", &json!({ "allSessions": true }))
        .await
        .expect(200);
    owner.get(OWN).await.expect_problem(401, "unauthenticated");
}

#[tokio::test]
async fn a_code_of_one_tenant_means_nothing_to_another() {
    let app = TestApp::start().await;
    let (a, b) = (app.tenant("a").await, app.tenant("b").await);
    let ask = json!({ "email": "ada@example.com", "purpose": "register" });
    let sent = a.anybody().post("/v1/email/send-verification", &ask).await.expect(200);
    let code = a.code_to("ada@example.com").await;
    let by_id = json!({ "verificationId": sent["verificationId"], "code": code });
    let by_address = json!({ "email": "ada@example.com", "purpose": "register", "code": code });
    let mut new = by_id.clone();
    new.as_object_mut().unwrap().extend([
        ("username".to_owned(), Value::from("ada")),
        ("email".to_owned(), Value::from("ada@example.com")),
        ("password".to_owned(), Value::from(PASSWORD)),
    ]);

    // More often than a code may be tried: these tries count nowhere.
    for _ in 0..3 {
        b.anybody()
            .post("/v1/email/verify", &by_id)
            .await
            .expect_problem(400, "code_invalid");
        b.anybody()
            .post("/v1/email/verify", &by_address)
            .await
            .expect_problem(400, "code_invalid");
        b.anybody()
            .post("/v1/register", &new)
            .await
            .expect_problem(400, "code_invalid");
    }
    assert!(b.mail_to("ada@example.com").await.is_empty());

    a.anybody().post("/v1/email/verify", &by_id).await.expect(200);
    a.anybody().post("/v1/email/verify", &by_address).await.expect(200);
    let made = a.anybody().post("/v1/register", &new).await.expect(200);
    assert_eq!(made["emailVerified"], true);
}
