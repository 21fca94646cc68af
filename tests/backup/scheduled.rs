//! Backups that are made by themselves.

use crate::support::{
    Person, TestApp,
    roles::{CONSOLE, wrong_fields},
};
use serde_json::{Value, json};

const DAY: i64 = 24 * 3600;
const POLICY: &str = "/apis/console/v1alpha1/policies/backups";

/// A policy that is as by default but for this.
fn policy(but: &Value) -> Value {
    let mut spec = json!({
        "enabled": false, "at": "03:00", "includeFiles": true, "keepDaily": 7, "keepWeekly": 4, "keepMonthly": 12,
    });
    for (member, value) in but.as_object().unwrap() {
        spec[member] = value.clone();
    }
    json!({ "spec": spec })
}

async fn decide(owner: &Person<'_>, but: Value) {
    owner.put(POLICY, &policy(&but)).await.expect(200);
}

/// The backups that there are: whether each was made by itself, newest first.
async fn backups(app: &TestApp) -> Vec<bool> {
    let owner = app.default_tenant().owner().await;
    let list = owner.get(&format!("{CONSOLE}/backups?size=200")).await.expect(200);
    let items = list["items"].as_array().unwrap().iter();
    items
        .inspect(|item| assert_eq!(item["status"]["phase"], "SUCCEEDED", "{item}"))
        .map(|item| item["spec"]["scheduled"] == true)
        .collect()
}

#[tokio::test]
async fn a_backup_is_made_every_day_and_as_many_are_kept_as_the_policy_says() {
    let mut app = TestApp::start().await;
    app.abandon_jobs();
    let owner = app.default_tenant().owner().await;
    owner.post(&format!("{CONSOLE}/backups"), &json!({})).await.expect(200);
    app.work().await;
    let kept = json!({ "enabled": true, "at": "03:00", "keepDaily": 3, "keepWeekly": 0, "keepMonthly": 0 });
    decide(&owner, kept).await;
    assert_eq!(app.work().await, 0, "none is due yet");
    for _ in 0..5 {
        app.advance(DAY);
        while app.work().await > 0 {}
    }
    // Three were kept when the last one was begun.
    assert_eq!(backups(&app).await, [true, true, true, true, false]);
    let owner = app.default_tenant().owner().await;
    let trail = format!("{CONSOLE}/audit-events?fieldSelector=action=backups:create&size=200");
    let events = owner.get(&trail).await.expect(200);
    let by_itself = events["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|event| event["actor"] == "");
    assert_eq!(by_itself.count(), 5, "{events}");
    let check = owner
        .get(&format!("{CONSOLE}/audit-events/-/verification"))
        .await
        .expect(200);
    assert_eq!(check["intact"], true, "{check}");

    decide(&owner, json!({ "enabled": false })).await;
    for _ in 0..3 {
        app.advance(DAY);
        while app.work().await > 0 {}
    }
    assert_eq!(backups(&app).await.len(), 5, "what is there stays");
}

#[tokio::test]
async fn another_time_of_day_does_not_make_a_second_one() {
    let mut app = TestApp::start().await;
    app.abandon_jobs();
    let owner = app.default_tenant().owner().await;
    decide(&owner, json!({ "enabled": true, "at": "03:00" })).await;
    app.advance(DAY);
    while app.work().await > 0 {}
    assert_eq!(backups(&app).await, [true]);
    let owner = app.default_tenant().owner().await;
    for hour in 0..4 {
        let soon = (app.clock.now() + chrono::TimeDelta::hours(hour))
            .format("%H:%M")
            .to_string();
        decide(&owner, json!({ "enabled": true, "at": soon })).await;
    }
    app.advance(4 * 3600);
    while app.work().await > 0 {}
    assert_eq!(backups(&app).await, [true], "it is the one of the day");
}

#[tokio::test]
async fn a_schedule_that_is_none_is_refused() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    for (spec, field) in [
        (json!({ "at": "25:00" }), "spec.at"),
        (json!({ "at": "3:00" }), "spec.at"),
        (json!({ "at": "03:00:00" }), "spec.at"),
        (json!({ "keepDaily": 0 }), "spec.keepDaily"),
        (json!({ "keepDaily": 20, "keepWeekly": 20 }), "spec.keepMonthly"),
        (json!({ "keepMonthly": -1 }), "spec.keepMonthly"),
        (json!({ "hourly": true }), "spec.hourly"),
    ] {
        let refused = owner.put(POLICY, &policy(&spec)).await;
        assert_eq!(wrong_fields(refused), [field], "{spec}");
    }
}
