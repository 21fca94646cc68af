//! Whom it is about: whom the list has with the same filter, when it is asked for.

use super::{counts, names, run, see, send};
use crate::support::{
    Person, TestApp,
    roles::{USERS, make_user, patch, wrong_fields},
};
use serde_json::{Value, json};

/// Users who differ in all that a list is asked for.
async fn people(owner: &Person<'_>) {
    for (name, roles, team) in [
        ("ada", "support", "core"),
        ("bob", "", "core"),
        ("eve", "support", "edge"),
        ("zoe", "", "edge"),
    ] {
        make_user(owner, name, roles).await;
        let labels = json!({ "metadata": { "labels": { "team": team } } });
        patch(owner, &format!("{USERS}/{name}"), &labels).await.expect(200);
    }
    owner
        .post(&format!("{USERS}/zoe/disable"), &json!({}))
        .await
        .expect(200);
}

#[tokio::test]
async fn a_filter_means_whom_the_list_means() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    people(&owner).await;
    for (query, filter) in [
        ("", json!({})),
        ("keyword=ada", json!({ "keyword": "ada" })),
        ("keyword=example.test", json!({ "keyword": "example.test" })),
        ("role=support", json!({ "role": "Support" })),
        ("labelSelector=team=core", json!({ "labelSelector": ["team=core"] })),
        (
            "fieldSelector=spec.disabled=true",
            json!({ "fieldSelector": ["spec.disabled=true"] }),
        ),
        (
            "role=support&labelSelector=team!=core",
            json!({ "role": "support", "labelSelector": ["team!=core"] }),
        ),
        (
            "fieldSelector=metadata.name=(ada,eve)",
            json!({ "fieldSelector": ["metadata.name=(ada,eve)"] }),
        ),
        ("keyword=nobody", json!({ "keyword": "nobody" })),
    ] {
        let listed = i64::try_from(names(&owner, query).await.len()).unwrap();
        let done = run(
            &owner,
            json!({ "act": "end-sessions", "dryRun": true, "filter": filter }),
        )
        .await;
        assert_eq!(done["status"]["phase"], "SUCCEEDED", "{query}: {done}");
        assert_eq!(counts(&done), [listed, 0, 0, 0], "{query}: {done}");
        let shown = &done["spec"]["filter"];
        for (member, value) in filter.as_object().unwrap() {
            assert_eq!(shown[member], *value, "{query}");
        }
    }
}

#[tokio::test]
async fn whoever_comes_later_or_is_met_only_then_is_not_touched() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    people(&owner).await;
    let asked = json!({ "act": "disable", "filter": { "labelSelector": ["team=core"] } });
    let made = send(&owner, asked).await.expect(200);
    assert_eq!(made["status"]["phase"], "PENDING");
    assert_eq!(counts(&made), [0, 0, 0, 2], "{made}");
    // One comes, one is met only now, and one is met no more.
    make_user(&owner, "later", "").await;
    for (name, team) in [("later", "core"), ("eve", "core"), ("ada", "edge")] {
        let labels = json!({ "metadata": { "labels": { "team": team } } });
        patch(&owner, &format!("{USERS}/{name}"), &labels).await.expect(200);
    }
    app.work().await;
    assert_eq!(counts(&see(&owner, &made).await), [2, 0, 0, 0]);
    assert_eq!(
        names(&owner, "fieldSelector=spec.disabled=true").await,
        ["ada", "bob", "zoe"]
    );
}

#[tokio::test]
async fn whoever_is_gone_before_their_turn_is_told_by_id() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let ada = make_user(&owner, "ada", "").await["status"]["id"].take();
    let made = send(&owner, json!({ "act": "disable", "names": ["ada"] }))
        .await
        .expect(200);
    owner.delete(&format!("{USERS}/ada")).await.expect(204);
    app.work().await;
    let done = see(&owner, &made).await;
    assert_eq!(counts(&done), [0, 0, 1, 0], "{done}");
    let gone = super::why(ada.as_str().unwrap(), "user_not_found");
    assert_eq!(super::refused(&owner, &done).await, [gone]);
}

#[tokio::test]
async fn what_the_list_does_not_know_is_refused_by_its_place() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let refused: [(Value, &str); 8] = [
        (json!({ "act": "disable" }), "spec.names"),
        (json!({ "act": "disable", "names": [], "filter": {} }), "spec.names"),
        (json!({ "act": "grant-role", "filter": {} }), "spec.role"),
        (json!({ "act": "enable", "role": "support", "filter": {} }), "spec.role"),
        (json!({ "act": "promote", "filter": {} }), "spec.act"),
        (
            json!({ "act": "enable", "filter": { "fieldSelector": ["spec.age=7"] } }),
            "spec.filter.fieldSelector",
        ),
        (
            json!({ "act": "enable", "filter": { "labelSelector": ["a b c"] } }),
            "spec.filter.labelSelector",
        ),
        (
            json!({ "act": "enable", "filter": { "role": "no role" } }),
            "spec.filter.role",
        ),
    ];
    for (spec, field) in refused {
        let shown = spec.to_string();
        assert_eq!(wrong_fields(send(&owner, spec).await), [field], "{shown}");
    }
    let unknown = json!({ "act": "grant-role", "role": "nothing", "filter": {} });
    let reply = send(&owner, unknown).await;
    reply.expect_problem(400, "role_unknown");
}
