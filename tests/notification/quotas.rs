//! Of a quota that is nearly used up, those who look after the tenant are told once.

use super::{addresses, subject, told};
use crate::{
    instance::TENANTS,
    support::{
        Tenant, TestApp,
        roles::{CONSOLE, USERS},
    },
};
use serde_json::json;

/// Makes users of these numbers.
async fn add(tenant: &Tenant<'_>, numbers: std::ops::Range<u32>) {
    let owner = tenant.owner().await;
    for number in numbers {
        let new = json!({ "name": format!("user-{number}"), "email": format!("user-{number}@example.com") });
        owner.post(USERS, &new).await.expect(200);
    }
}

/// Deletes them.
async fn remove(tenant: &Tenant<'_>, numbers: std::ops::Range<u32>) {
    let owner = tenant.owner().await;
    for number in numbers {
        owner.delete(&format!("{USERS}/user-{number}")).await.expect(204);
    }
}

async fn limit(app: &TestApp, spec: serde_json::Value) {
    let operator = app.default_tenant().owner().await;
    let path = format!("{TENANTS}/acme/quotas");
    operator.put(&path, &json!({ "spec": spec })).await.expect(200);
}

/// Lets it be looked how much there is.
async fn look(app: &TestApp) {
    app.advance(3601);
    while app.work().await > 0 {}
}

#[tokio::test]
async fn owners_are_told_once_at_nine_tenths_and_again_only_after_there_was_less_than_eight() {
    let mut app = TestApp::start().await;
    app.abandon_jobs();
    let acme = app.tenant("acme").await;
    limit(&app, json!({ "users": 10 })).await;
    // The owner is one.
    add(&acme, 1..8).await;
    assert!(told(&acme, "quota_near").await.is_empty(), "eight of ten");
    add(&acme, 8..9).await;
    let mails = told(&acme, "quota_near").await;
    assert_eq!(addresses(&mails), ["admin@localhost"]);
    assert!(subject(&mails[0]).contains("most of a quota"), "{mails:?}");
    let inbox = acme.owner().await.inbox("admin@localhost").await;
    assert!(inbox[0].text().contains("users"), "{}", inbox[0].text());
    add(&acme, 9..10).await;
    assert_eq!(told(&acme, "quota_near").await.len(), 1, "ten of ten is nothing new");

    // With eight left it is the same time that it is near.
    remove(&acme, 8..10).await;
    look(&app).await;
    add(&acme, 8..9).await;
    assert_eq!(told(&acme, "quota_near").await.len(), 1);
    remove(&acme, 7..9).await;
    look(&app).await;
    add(&acme, 7..9).await;
    assert_eq!(told(&acme, "quota_near").await.len(), 2);
}

#[tokio::test]
async fn each_quota_is_told_of_by_itself_and_what_has_none_is_not() {
    let mut app = TestApp::start().await;
    app.abandon_jobs();
    let acme = app.tenant("acme").await;
    let owner = acme.owner().await;
    add(&acme, 1..3).await;
    limit(&app, json!({ "roles": 1, "domains": 1 })).await;
    let role = json!({ "metadata": { "name": "editor" }, "spec": { "displayName": "Editor" } });
    owner.post(&format!("{CONSOLE}/roles"), &role).await.expect(200);
    let domain = json!({ "metadata": { "name": "near.example" } });
    owner.post(&format!("{CONSOLE}/domains"), &domain).await.expect(200);
    assert_eq!(told(&acme, "quota_near").await.len(), 2);
    // More is allowed: it is not near any more, and is told of when it is again.
    limit(&app, json!({ "roles": 2, "domains": 1 })).await;
    look(&app).await;
    let other = json!({ "metadata": { "name": "writer" }, "spec": { "displayName": "Writer" } });
    let owner = acme.owner().await;
    owner.post(&format!("{CONSOLE}/roles"), &other).await.expect(200);
    assert_eq!(told(&acme, "quota_near").await.len(), 3);
}
