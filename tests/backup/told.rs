//! Those who look after a tenant are told of what happens to its backups.

use super::{download, file_of, instance, make, send};
use crate::{
    instance::TENANTS,
    notification::{addresses, make_proven, subject, told},
    support::{TestApp, roles::CONSOLE},
};
use reqwest::Method;
use serde_json::{Value, json};

const DAY: i64 = 24 * 3600;

#[tokio::test]
async fn owners_are_told_who_downloads_a_backup_once_however_many_parts_it_is_taken_in() {
    let app = instance().await;
    let tenant = app.tenant("acme").await;
    let owner = tenant.owner().await;
    make_proven(&owner, "helper", "support").await;
    make_proven(&owner, "bob", "owner").await;
    let backup = make(&owner, json!({})).await;
    assert!(told(&tenant, "backup_downloaded").await.is_empty());
    for range in ["bytes=0-7", "bytes=8-15"] {
        let part = owner.request(Method::GET, &file_of(&backup)).header("range", range);
        assert_eq!(part.send().await.unwrap().status(), 206);
    }
    download(&owner, &backup).await;
    let mails = told(&tenant, "backup_downloaded").await;
    assert_eq!(addresses(&mails), ["admin@localhost", "bob@example.test"]);
    let inbox = tenant.owner().await.inbox("bob@example.test").await;
    let text = inbox[0].text().replace('\u{2060}', "");
    let file = backup["status"]["filename"].as_str().unwrap();
    assert!(text.contains(file) && text.contains("admin downloaded"), "{text}");

    // Somebody else who does is told of, and so is the same person on another day.
    let bob = tenant.sign_in("bob").await;
    download(&bob, &backup).await;
    assert_eq!(told(&tenant, "backup_downloaded").await.len(), 4);
    app.advance(DAY);
    download(&tenant.owner().await, &backup).await;
    assert_eq!(told(&tenant, "backup_downloaded").await.len(), 6);
}

#[tokio::test]
async fn owners_are_told_of_a_restore_and_not_of_a_look_at_what_it_would_do() {
    let app = instance().await;
    let tenant = app.tenant("acme").await;
    let owner = tenant.owner().await;
    make_proven(&owner, "helper", "support").await;
    let file = download(&owner, &make(&owner, json!({})).await).await;
    send(&owner, &[("dryRun", "true")], &file).await.expect(200);
    assert!(told(&tenant, "restored").await.is_empty());
    let owner = tenant.owner().await;
    send(&owner, &[("dryRun", "false")], &file).await.expect(200);
    let mails = told(&tenant, "restored").await;
    assert_eq!(addresses(&mails), ["admin@localhost"]);
    assert!(subject(&mails[0]).contains("was restored from a backup"), "{mails:?}");
    assert_eq!(told(&tenant, "restored").await.len(), 1);
}

/// Has the tenant have so many backups at most.
async fn limit(app: &TestApp, most: u32) {
    let operator = app.default_tenant().owner().await;
    let path = format!("{TENANTS}/acme/quotas");
    let spec = json!({ "spec": { "backups": most } });
    operator.put(&path, &spec).await.expect(200);
}

#[tokio::test]
async fn owners_are_told_once_that_no_backup_is_made_and_again_after_one_was() {
    let app = instance().await;
    let tenant = app.tenant("acme").await;
    let owner = tenant.owner().await;
    make(&owner, json!({})).await;
    limit(&app, 1).await;
    // Hours before it is due, whatever the time of day is now.
    let at = (app.clock.now() - chrono::TimeDelta::hours(2))
        .format("%H:%M")
        .to_string();
    let policy = json!({ "spec": {
        "enabled": true, "at": at, "includeFiles": true, "keepDaily": 7, "keepWeekly": 4, "keepMonthly": 12,
    } });
    let path = format!("{CONSOLE}/policies/backups");
    owner.put(&path, &policy).await.expect(200);
    let day = async || {
        app.advance(DAY);
        while app.work().await > 0 {}
    };
    assert!(told(&tenant, "backup_overdue").await.is_empty(), "none is due yet");
    day().await;
    let mails = told(&tenant, "backup_overdue").await;
    assert_eq!(addresses(&mails), ["admin@localhost"]);
    let inbox = tenant.owner().await.inbox("admin@localhost").await;
    let is_none = |mail: &Value| mail["spec"]["text"].as_str().unwrap().contains("There is none yet");
    assert!(inbox.iter().any(|mail| is_none(&mail.0)), "by itself");
    day().await;
    assert_eq!(told(&tenant, "backup_overdue").await.len(), 1, "it is not made on");

    // One is made, and is looked at the day after.
    limit(&app, 9).await;
    day().await;
    limit(&app, 2).await;
    day().await;
    assert_eq!(
        told(&tenant, "backup_overdue").await.len(),
        1,
        "that of the day before is there"
    );
    day().await;
    assert_eq!(told(&tenant, "backup_overdue").await.len(), 2);
}
