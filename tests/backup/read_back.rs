//! Backups that are read back: a file that nobody read is a hope.

use super::instance;
use crate::{
    notification::{addresses, told},
    support::{Tenant, TestApp, roles::CONSOLE},
};
use serde_json::{Value, json};

const DAY: i64 = 24 * 3600;

/// Has one made each day, hours from now, whatever the time of day is.
async fn schedule(app: &TestApp, tenant: &Tenant<'_>) {
    let at = (app.clock.now() - chrono::TimeDelta::hours(2))
        .format("%H:%M")
        .to_string();
    let policy = json!({ "spec": {
        "enabled": true, "at": at, "includeFiles": true, "keepDaily": 20, "keepWeekly": 2, "keepMonthly": 3,
    } });
    let owner = tenant.owner().await;
    owner
        .put(&format!("{CONSOLE}/policies/backups"), &policy)
        .await
        .expect(200);
}

async fn pass(app: &TestApp, days: usize) {
    for _ in 0..days {
        app.advance(DAY);
        while app.work().await > 0 {}
    }
}

/// What is known of those that were read, the newest first.
async fn read(tenant: &Tenant<'_>) -> Vec<Value> {
    let owner = tenant.owner().await;
    let list = owner.get(&format!("{CONSOLE}/backups?size=200")).await.expect(200);
    let items = list["items"].as_array().unwrap().iter();
    let read = items.filter(|item| item["status"]["readTimestamp"].is_string());
    read.map(|item| item["status"].clone()).collect()
}

#[tokio::test]
async fn the_newest_backup_is_read_to_its_end_once_a_week() {
    let app = instance().await;
    let tenant = app.tenant("acme").await;
    schedule(&app, &tenant).await;
    pass(&app, 1).await;
    assert!(read(&tenant).await.is_empty(), "none was there yet");
    pass(&app, 1).await;
    let first = read(&tenant).await;
    assert_eq!(first.len(), 1);
    assert!(first[0]["damage"].is_null(), "{first:?}");
    pass(&app, 6).await;
    assert_eq!(read(&tenant).await, first, "it is that of the week");
    pass(&app, 1).await;
    assert_eq!(read(&tenant).await.len(), 2);
    assert!(told(&tenant, "backup_damaged").await.is_empty());
}

#[tokio::test]
async fn owners_are_told_of_a_backup_that_is_not_as_it_was_made() {
    let app = instance().await;
    let tenant = app.tenant("acme").await;
    schedule(&app, &tenant).await;
    pass(&app, 1).await;
    let keys = app.app.files.list("").await.unwrap();
    let kept = keys.iter().find(|key| key.contains("/k/")).unwrap();
    let path = app.app.config.data_dir.join("files").join(kept);
    let mut file = std::fs::read(&path).unwrap();
    let middle = file.len() / 2;
    file[middle] ^= 1;
    std::fs::write(&path, file).unwrap();

    pass(&app, 1).await;
    let read = read(&tenant).await;
    assert_eq!(read.len(), 1);
    let damage = read[0]["damage"].as_str().unwrap();
    assert!(damage.contains("damaged at byte"), "{damage}");
    let mails = told(&tenant, "backup_damaged").await;
    assert_eq!(addresses(&mails), ["admin@localhost"]);
    let owner = tenant.owner().await;
    let inbox = owner.inbox("admin@localhost").await;
    let name = read[0]["filename"].as_str().unwrap();
    let tells = |text: &str| text.replace('\u{2060}', "").contains(&format!("{name} was read back"));
    assert!(inbox.iter().any(|mail| tells(mail.text())), "{name}");
    let trail = format!("{CONSOLE}/audit-events?fieldSelector=action=backups:get");
    let events = owner.get(&trail).await.expect(200);
    assert_eq!(events["items"][0]["outcome"], "refused", "{events}");
    assert_eq!(events["items"][0]["actor"], "");
}
