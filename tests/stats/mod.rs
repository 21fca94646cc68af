//! What there is and what happened, in numbers.

use crate::support::{
    Person, TestApp,
    roles::{CONSOLE, make_person, wrong_fields},
};
use serde_json::{Value, json};

const STATS: &str = "/apis/console/v1alpha1/stats";

async fn overview(by: &Person<'_>) -> Value {
    by.get(&format!("{STATS}/overview")).await.expect(200)
}

/// The sum of a series of days.
async fn total(by: &Person<'_>, metric: &str) -> i64 {
    let series = by.get(&format!("{STATS}/series?metric={metric}")).await.expect(200);
    let points = series["points"].as_array().unwrap();
    assert_eq!(points.len(), 30);
    points.iter().map(|point| point["value"].as_i64().unwrap()).sum()
}

#[tokio::test]
async fn everybody_who_is_signed_in_sees_how_many_users_there_are() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let ada = make_person(&owner, "ada", "user").await;
    let seen = ada.get("/apis/api.console.halo.run/v1alpha1/stats").await.expect(200);
    let none = json!({ "visits": 0, "comments": 0, "approvedComments": 0, "upvotes": 0, "users": 2, "posts": 0 });
    assert_eq!(seen, none);
    owner.delete(&format!("{CONSOLE}/users/ada")).await.expect(204);
    assert_eq!(owner.get(STATS).await.expect(200)["users"], 1);
    tenant.anybody().get(STATS).await.expect_problem(401, "unauthenticated");
    app.work().await;
}

#[tokio::test]
async fn what_happened_is_counted_once_whoever_looks_and_how_often() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let before = total(&owner, "signIns").await;
    let ada = make_person(&owner, "ada", "user").await;
    for _ in 0..3 {
        let wrong = json!({ "username": "ada", "password": "not the password" });
        tenant.anybody().post("/v1/login", &wrong).await;
    }
    for _ in 0..2 {
        ada.get(&format!("{CONSOLE}/audit-events"))
            .await
            .expect_problem(403, "forbidden");
    }
    tenant.sign_in("ada").await;
    owner.delete(&format!("{CONSOLE}/users/ada")).await.expect(204);
    // Two who look at once count it no more often than one.
    let path = format!("{STATS}/series?metric=signIns");
    let (one, other) = tokio::join!(owner.get(&path), owner.get(&path));
    assert_eq!(one.expect(200)["points"], other.expect(200)["points"]);
    for _ in 0..2 {
        assert_eq!(total(&owner, "signIns").await, before + 2);
        assert_eq!(total(&owner, "signInsRefused").await, 3);
        assert_eq!(total(&owner, "usersDeleted").await, 1);
        assert_eq!(total(&owner, "denials").await, 2);
        // Its first owner among them.
        assert_eq!(total(&owner, "usersCreated").await, 2);
    }
    app.work().await;
}

#[tokio::test]
async fn a_series_has_every_hour_and_every_day_and_what_is_long_ago_stays_in_its_day() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let signed_in = total(&owner, "signIns").await;
    app.advance(40 * 86_400);
    let owner = tenant.owner().await;
    let hours = format!("{STATS}/series?metric=signIns&step=hour");
    let series = owner.get(&hours).await.expect(200);
    let values: Vec<_> = series["points"]
        .as_array()
        .unwrap()
        .iter()
        .map(|point| &point["value"])
        .collect();
    assert_eq!(values.len(), 24);
    assert!(
        values[..23].iter().all(|value| **value == 0) && *values[23] == 1,
        "{values:?}"
    );
    let days = owner
        .get(&format!("{STATS}/series?metric=signIns&from=2020-01-01T00:00:00Z"))
        .await;
    assert_eq!(wrong_fields(days), ["from"]);
    let from = chrono::Utc::now() - chrono::TimeDelta::days(2);
    let from = from.format("%Y-%m-%dT%H:%M:%SZ");
    let all = owner
        .get(&format!("{STATS}/series?metric=signIns&from={from}"))
        .await
        .expect(200);
    let sum: i64 = all["points"]
        .as_array()
        .unwrap()
        .iter()
        .map(|point| point["value"].as_i64().unwrap())
        .sum();
    assert_eq!(sum, signed_in + 1);
    let unknown = owner.get(&format!("{STATS}/series?metric=visits")).await;
    assert_eq!(wrong_fields(unknown), ["metric"]);
    app.work().await;
}

#[tokio::test]
async fn the_overview_says_what_needs_somebody_and_is_for_those_who_may() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let before = overview(&owner).await;
    let ada = tenant.sign_up("ada").await;
    make_person(&owner, "bob", "user").await;
    owner
        .post(&format!("{CONSOLE}/users/bob/disable"), &Value::Null)
        .await
        .expect(200);
    let invited = json!({ "spec": { "email": "carl@example.com" } });
    owner
        .post(&format!("{CONSOLE}/invitations"), &invited)
        .await
        .expect(200);
    app.work().await;
    let now = overview(&owner).await;
    let grown = |member: &str| now[member].as_i64().unwrap() - before[member].as_i64().unwrap();
    assert_eq!(now["users"], 3);
    assert_eq!((grown("usersUnverified"), now["usersDisabled"].as_i64()), (2, Some(1)));
    assert_eq!((grown("invitations"), grown("signIns")), (1, 2));
    // Bob's session ended with his account.
    assert_eq!((grown("sessions"), grown("applications")), (1, 0));
    assert_eq!((grown("mailsSent"), now["mailsFailed"].as_i64()), (2, Some(0)));
    for path in ["overview", "series?metric=signIns"] {
        ada.get(&format!("{STATS}/{path}"))
            .await
            .expect_problem(403, "forbidden");
    }
}
