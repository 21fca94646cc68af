//! How an application proves who it is at the protocol's endpoints.

use super::{APPLICATIONS, make, patch, secret_of};
use crate::support::{Person, Tenant, TestApp, limits::set_limits, statements};
use serde_json::json;
use std::{net::IpAddr, sync::Arc};
use tenantry::{
    access::permission::SessionsCreate,
    account::{ClientCredentials, authenticate_client},
    application::{Application, kind::AuthMethod},
    context::{RequestContext, UnknownCaller},
    kit::{
        error::{Code, Result},
        http::Peer,
    },
};
use tracing::Instrument;

/// A request of an anonymous caller to the default tenant.
pub(super) fn peer() -> Peer {
    Peer {
        ip: IpAddr::from([198, 51, 100, 7]),
        user_agent: "a program".to_owned(),
        language: None,
        captcha_token: None,
        preconditions: None,
    }
}

async fn context(app: &TestApp) -> RequestContext {
    let server = &app.app;
    let tenant = server.tenant("default").await.unwrap().unwrap().0;
    let unknown = UnknownCaller::new::<SessionsCreate>(server.services.clone(), tenant, peer());
    unknown.permit(false).await.unwrap()
}

async fn prove(app: &TestApp, client_id: &str, secret: Option<&str>, method: AuthMethod) -> Result<Arc<Application>> {
    let given = ClientCredentials {
        client_id,
        secret,
        method,
    };
    authenticate_client(&context(app).await, &app.app, given).await
}

async fn refused(app: &TestApp, client_id: &str, secret: Option<&str>, method: AuthMethod) -> Code {
    prove(app, client_id, secret, method).await.unwrap_err().code()
}

#[tokio::test]
async fn an_application_proves_who_it_is_by_a_secret_of_its_own_in_a_way_of_its_own() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    make(&owner, "shop", "web-server", json!({})).await;
    make(&owner, "page", "single-page", json!({})).await;
    make(
        &owner,
        "other",
        "web-server",
        json!({ "authMethods": ["client_secret_post"] }),
    )
    .await;
    let (_, secret) = secret_of(&owner, "shop").await;
    let (_, others) = secret_of(&owner, "other").await;
    let shop = prove(&app, "shop", Some(&secret), AuthMethod::Basic).await.unwrap();
    assert_eq!(shop.client_id(), "shop");
    prove(&app, "shop", Some(&secret), AuthMethod::Post).await.unwrap();
    prove(&app, "page", None, AuthMethod::None).await.unwrap();
    let wrong = &secret[1..];
    for (name, secret, method) in [
        ("shop", Some(wrong), AuthMethod::Basic),
        ("shop", Some(others.as_str()), AuthMethod::Basic),
        ("shop", Some(""), AuthMethod::Post),
        ("shop", None, AuthMethod::None),
        ("page", Some(wrong), AuthMethod::Basic),
        ("page", Some(""), AuthMethod::None),
        ("other", Some(others.as_str()), AuthMethod::Basic),
        ("nobody", Some(secret.as_str()), AuthMethod::Basic),
        ("nobody", None, AuthMethod::None),
        ("direct", Some(""), AuthMethod::Basic),
    ] {
        assert_eq!(
            refused(&app, name, secret, method).await,
            Code::ClientInvalid,
            "{name} {secret:?} {method:?}"
        );
    }
}

async fn shop(tenant: &Tenant<'_>) -> (String, String) {
    let owner = tenant.owner().await;
    make(&owner, "shop", "web-server", json!({})).await;
    secret_of(&owner, "shop").await
}

#[tokio::test]
async fn a_secret_that_was_deleted_and_an_application_that_was_disabled_prove_nothing_at_once() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let (owner, (name, secret)) = (tenant.owner().await, shop(&tenant).await);
    let basic = async || {
        prove(&app, "shop", Some(&secret), AuthMethod::Basic)
            .await
            .map(drop)
            .map_err(|error| error.code())
    };
    assert_eq!(basic().await, Ok(()));
    let path = format!("{APPLICATIONS}/shop");
    owner.post(&format!("{path}/disable"), &json!({})).await.expect(200);
    assert_eq!(basic().await, Err(Code::ClientInvalid));
    owner.post(&format!("{path}/enable"), &json!({})).await.expect(200);
    assert_eq!(basic().await, Ok(()));
    patch(&owner, "shop", json!({ "authMethods": ["client_secret_post"] }))
        .await
        .expect(200);
    assert_eq!(basic().await, Err(Code::ClientInvalid));
    patch(&owner, "shop", json!({ "authMethods": ["client_secret_basic"] }))
        .await
        .expect(200);
    assert_eq!(basic().await, Ok(()));
    owner.delete(&format!("{path}/secrets/{name}")).await.expect(204);
    assert_eq!(basic().await, Err(Code::ClientInvalid));
}

#[tokio::test]
async fn an_application_that_proved_who_it_is_a_moment_ago_asks_no_statement() {
    statements::collect();
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let (_, secret) = shop(&tenant).await;
    let asked = async |id: &'static str, name: &str, secret: &str| {
        let span = tracing::info_span!(target: "tenantry_core::kit::http", "request", id);
        let done = prove(&app, name, Some(secret), AuthMethod::Basic)
            .instrument(span)
            .await;
        (done.is_ok(), statements::of(id))
    };
    let (is_right, cold) = asked("cold-client", "shop", &secret).await;
    assert!(is_right && cold.len() > 2, "{cold:?}");
    let (is_right, warm) = asked("warm-client", "shop", &secret).await;
    // With PostgreSQL, whether anything was changed.
    let warm: Vec<_> = warm.into_iter().filter(|sql| !sql.contains("tenant_epoch")).collect();
    assert_eq!((is_right, warm), (true, vec![]));
    // Now and then what has run out is removed.
    let steady = |asked: Vec<String>| -> Vec<String> {
        let asked = asked.into_iter();
        asked
            .filter(|sql| !sql.starts_with("delete from limit_count"))
            .collect()
    };
    let (_, wrong) = asked("wrong-client", "shop", "wrong").await;
    let (_, nobody) = asked("no-client", "nobody", "wrong").await;
    assert_eq!(steady(wrong), steady(nobody), "what fails looks the same");
}

#[tokio::test]
async fn what_an_application_was_used_by_is_known_to_the_hour() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let (owner, (_, secret)) = (tenant.owner().await, shop(&tenant).await);
    app.advance(1);
    let (_, spare) = secret_of(&owner, "shop").await;
    prove(&app, "shop", Some(&secret), AuthMethod::Basic).await.unwrap();
    let used = async |owner: &Person<'_>| {
        let list = owner.get(&format!("{APPLICATIONS}/shop/secrets")).await.expect(200);
        let shop = owner.get(&format!("{APPLICATIONS}/shop")).await.expect(200);
        let of = |n: usize| list["items"][n]["status"]["lastUsedAt"].clone();
        (of(0), of(1), shop["status"]["lastUsedAt"].clone())
    };
    let (first, second, whole) = used(&owner).await;
    assert!(first.as_str().unwrap().ends_with(":00:00Z"), "{first}");
    assert_eq!((&second, &whole), (&serde_json::Value::Null, &first));
    prove(&app, "shop", Some(&spare), AuthMethod::Basic).await.unwrap();
    assert_eq!(used(&owner).await.1, first, "the other one, too");
    app.advance(3600);
    let owner = tenant.owner().await;
    prove(&app, "shop", Some(&spare), AuthMethod::Basic).await.unwrap();
    let (old, new, _) = used(&owner).await;
    assert_eq!(old, first);
    assert_ne!(new, first);
}

#[tokio::test]
async fn what_fails_is_counted_for_the_network_and_what_is_right_is_not() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let (owner, (_, secret)) = (tenant.owner().await, shop(&tenant).await);
    set_limits(&owner, json!({ "clientNetwork": { "most": 3, "seconds": 60 } })).await;
    for name in ["shop", "nobody", "shop"] {
        assert_eq!(
            refused(&app, name, Some("wrong"), AuthMethod::Basic).await,
            Code::ClientInvalid
        );
    }
    assert_eq!(
        refused(&app, "shop", Some("wrong"), AuthMethod::Basic).await,
        Code::TooManyAttempts
    );
    prove(&app, "shop", Some(&secret), AuthMethod::Basic).await.unwrap();
    app.advance(60);
    assert_eq!(
        refused(&app, "shop", Some("wrong"), AuthMethod::Basic).await,
        Code::ClientInvalid
    );
}
