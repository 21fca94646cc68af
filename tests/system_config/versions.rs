//! `systemconfigs/{group}/versions`.

use super::{GROUPS, policy};
use crate::support::{
    Person, TestApp,
    roles::{allow, make_person, make_role, patch},
};
use serde_json::{Value, json};

async fn versions(by: &Person<'_>, group: &str) -> Vec<Value> {
    let list = by.get(&format!("{GROUPS}/{group}/versions")).await.expect(200);
    list["items"].as_array().unwrap().clone()
}

async fn restore(by: &Person<'_>, group: &str, version: &str) -> crate::support::Reply {
    let path = format!("{GROUPS}/{group}/versions/{version}/restore");
    by.post(&path, &Value::Null).await
}

#[tokio::test]
async fn a_group_is_what_it_was_before_whoever_wrote_it_and_where() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    assert_eq!(versions(&owner, "basic").await, [Value::Null; 0]);
    let basic = format!("{GROUPS}/basic");
    owner.put(&basic, &json!({ "title": "One" })).await.expect(204);
    let spec = json!({ "displayName": "Two", "color": "#112233", "subtitle": "Of two", "applications": [] });
    owner
        .put(&policy("branding"), &json!({ "spec": spec }))
        .await
        .expect(200);
    app.advance(60);
    patch(&owner, &basic, &json!({ "title": "Three" })).await.expect(200);
    // Another setting has versions of its own.
    owner
        .put(&format!("{GROUPS}/mail"), &json!({ "codeInSubject": true }))
        .await
        .expect(204);

    let found = versions(&owner, "basic").await;
    let shown = |version: &Value| {
        let members = &version["members"];
        (
            version["version"].clone(),
            members["title"].clone(),
            members["subtitle"].clone(),
        )
    };
    let shown: Vec<_> = found.iter().map(shown).collect();
    let expected = [
        (json!(3), json!("Three"), json!("Of two")),
        (json!(2), json!("Two"), json!("Of two")),
        (json!(1), json!("One"), Value::Null),
    ];
    assert_eq!(shown, expected);
    assert_eq!(found[0]["by"], "admin");
    assert!(found[0]["creationTimestamp"].as_str() > found[1]["creationTimestamp"].as_str());

    let now = restore(&owner, "basic", "1").await.expect(200);
    assert_eq!((&now["title"], &now["subtitle"]), (&json!("One"), &Value::Null));
    let spec = owner.get(&policy("branding")).await.expect(200)["spec"].take();
    assert_eq!(spec["color"], "#112233", "what the group does not show stays");
    let found = versions(&owner, "basic").await;
    assert_eq!((found.len(), &found[0]["version"]), (4, &json!(4)));
    let audit = owner
        .get("/apis/console/v1alpha1/audit-events?fieldSelector=action=systemconfigs:update")
        .await
        .expect(200);
    assert_eq!(audit["items"][0]["object"], "basic");
}

#[tokio::test]
async fn what_was_inherited_then_is_inherited_again() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let path = format!("{GROUPS}/attachment");
    owner.put(&path, &json!({ "maxFileBytes": 1000 })).await.expect(204);
    owner
        .put(&path, &json!({ "maxFileBytes": 1000, "redraw": false }))
        .await
        .expect(204);
    restore(&owner, "attachment", "1").await.expect(200);
    let status = owner.get(&format!("{path}/status")).await.expect(200);
    let decided = status["members"].as_array().unwrap().iter();
    let decided: Vec<_> = decided.filter(|member| member["decided"] == true).collect();
    assert_eq!((decided.len(), &decided[0]["name"]), (1, &json!("maxFileBytes")));
    let spec = owner.get(&policy("attachments")).await.expect(200)["spec"].take();
    assert_eq!((&spec["maxFileBytes"], &spec["redraw"]), (&json!(1000), &json!(true)));
}

#[tokio::test]
async fn twenty_versions_are_told_and_no_other_is_restored() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let path = format!("{GROUPS}/basic");
    for number in 1..=22 {
        owner
            .put(&path, &json!({ "title": format!("Name {number}") }))
            .await
            .expect(204);
    }
    let found = versions(&owner, "basic").await;
    let numbers: Vec<_> = found
        .iter()
        .map(|version| version["version"].as_i64().unwrap())
        .collect();
    assert_eq!(numbers, (3..=22).rev().collect::<Vec<_>>());
    for gone in ["2", "0", "23", "999999999999999999"] {
        restore(&owner, "basic", gone)
            .await
            .expect_problem(404, "version_not_found");
    }
    restore(&owner, "basic", "3").await.expect(200);
    for wrong in ["one", "1.5", "-1", "1000000000000000000"] {
        assert_eq!(restore(&owner, "basic", wrong).await.status, 400, "{wrong}");
    }
    restore(&owner, "post", "1")
        .await
        .expect_problem(404, "config_group_not_found");
    assert_eq!(versions(&owner, "authProvider").await, [Value::Null; 0]);
    restore(&owner, "authProvider", "1")
        .await
        .expect_problem(404, "version_not_found");
}

#[tokio::test]
async fn a_version_gives_nobody_a_role_that_is_not_theirs_to_give() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let path = format!("{GROUPS}/user");
    owner
        .put(&path, &json!({ "defaultRole": "user-manager" }))
        .await
        .expect(204);
    owner
        .put(&path, &json!({ "allowRegistration": false }))
        .await
        .expect(204);
    make_role(&owner, "settings", "", &[allow("systemconfigs", "get update")]).await;
    let vera = make_person(&owner, "vera", "settings").await;
    restore(&vera, "user", "1").await.expect_problem(403, "escalation");
    restore(&owner, "user", "1").await.expect(200);
}
