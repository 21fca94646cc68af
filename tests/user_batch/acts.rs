//! Every act, on users who are named.

use super::{counts, names, refused, run, why};
use crate::support::{
    TestApp,
    roles::{CONSOLE, USERS, make_person, make_user, roles_of},
};
use serde_json::json;

#[tokio::test]
async fn many_are_kept_out_and_let_in_again() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let ada = make_person(&owner, "ada", "").await;
    make_user(&owner, "bob", "").await;
    make_user(&owner, "eve", "").await;
    let done = run(&owner, json!({ "act": "disable", "names": ["ada", "Bob"] })).await;
    assert_eq!(done["status"]["phase"], "SUCCEEDED", "{done}");
    assert_eq!(counts(&done), [2, 0, 0, 0]);
    assert_eq!(ada.get(&format!("{USERS}/-")).await.status, 401, "their sessions end");
    let disabled = "fieldSelector=spec.disabled=true";
    assert_eq!(names(&owner, disabled).await, ["ada", "bob"]);
    let again = run(&owner, json!({ "act": "disable", "names": ["ada", "eve"] })).await;
    assert_eq!(counts(&again), [1, 1, 0, 0], "{again}");
    let back = run(&owner, json!({ "act": "enable", "names": ["ada", "bob", "eve"] })).await;
    assert_eq!(counts(&back), [3, 0, 0, 0], "{back}");
    assert!(names(&owner, disabled).await.is_empty());
}

#[tokio::test]
async fn many_are_deleted_and_a_name_that_nobody_has_is_told() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    for name in ["ada", "bob", "eve"] {
        make_user(&owner, name, "").await;
    }
    let done = run(&owner, json!({ "act": "delete", "names": ["ada", "bob", "zoe"] })).await;
    assert_eq!(counts(&done), [2, 0, 1, 0], "{done}");
    assert_eq!(done["status"]["users"], 3);
    assert_eq!(refused(&owner, &done).await, [why("zoe", "user_not_found")]);
    assert_eq!(names(&owner, "").await, ["admin", "eve"]);
}

#[tokio::test]
async fn a_role_is_given_to_many_and_taken_from_them() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    make_user(&owner, "ada", "auditor").await;
    make_user(&owner, "bob", "support").await;
    let of = |act: &str| json!({ "act": act, "role": "support", "names": ["ada", "bob"] });
    let given = run(&owner, of("grant-role")).await;
    assert_eq!(counts(&given), [1, 1, 0, 0], "{given}");
    assert_eq!(roles_of(&owner, "ada").await, ["auditor", "support"]);
    let taken = run(&owner, of("revoke-role")).await;
    assert_eq!(counts(&taken), [2, 0, 0, 0], "{taken}");
    assert_eq!(roles_of(&owner, "ada").await, ["auditor"]);
    assert!(roles_of(&owner, "bob").await.is_empty());
}

#[tokio::test]
async fn the_sessions_of_many_end() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let (ada, bob) = (
        make_person(&owner, "ada", "").await,
        make_person(&owner, "bob", "").await,
    );
    let done = run(&owner, json!({ "act": "end-sessions", "names": ["ada"] })).await;
    assert_eq!(counts(&done), [1, 0, 0, 0], "{done}");
    assert_eq!(ada.get(&format!("{USERS}/-")).await.status, 401);
    assert_eq!(bob.get(&format!("{USERS}/-")).await.status, 200);
}

#[tokio::test]
async fn the_trail_has_each_act_as_if_it_were_the_only_one_and_its_end() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    make_user(&owner, "ada", "").await;
    // In the order in which they were made.
    app.advance(1);
    make_user(&owner, "bob", "").await;
    let asked = json!({ "act": "disable", "names": ["ada", "bob", "admin"] });
    let done = run(&owner, asked).await;
    assert_eq!(counts(&done), [2, 0, 1, 0], "{done}");
    let events = format!("{CONSOLE}/audit-events");
    let kept = owner
        .get(&format!("{events}?fieldSelector=action=users:disable&sort=sequence"))
        .await
        .expect(200);
    let kept = kept["items"].as_array().unwrap();
    assert_eq!(kept.len(), 2, "to act on oneself is denied to nobody: {kept:?}");
    for (event, name) in kept.iter().zip(["ada", "bob"]) {
        assert_eq!(event["actor"], "admin", "{event}");
        assert_eq!(event["object"], name);
        assert_eq!(event["outcome"], "done");
        assert!(event["changes"].to_string().contains("disabled"), "{event}");
    }
    let newest = owner.get(&format!("{events}?size=1")).await.expect(200);
    assert_eq!(newest["items"][0]["action"], "user-batches:create");
    assert_eq!(newest["items"][0]["object"], done["metadata"]["name"]);
    let verified = owner.get(&format!("{events}/-/verification")).await.expect(200);
    assert_eq!(verified["intact"], true);
}
