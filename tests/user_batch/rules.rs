//! The rules that hold for each as for the act on one: permission, escalation, the last owner.

use super::{counts, names, refused, run, see, send, why};
use crate::support::{
    TestApp,
    roles::{CONSOLE, allow, deny, grant, make_person, make_role, make_user, only, roles_of},
};
use serde_json::json;

#[tokio::test]
async fn who_may_do_more_is_refused_by_name_and_the_others_are_done() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let manager = make_person(&owner, "manager", "user-manager").await;
    make_user(&owner, "ada", "").await;
    make_user(&owner, "boss", "role-manager").await;
    for act in ["disable", "delete"] {
        let done = run(&manager, json!({ "act": act, "filter": {} })).await;
        let expected = [
            why("admin", "escalation"),
            why("boss", "escalation"),
            why("manager", "own_account"),
        ];
        assert_eq!(counts(&done), [1, 0, 3, 0], "{act}: {done}");
        assert_eq!(refused(&manager, &done).await, expected, "{act}");
    }
    assert_eq!(names(&owner, "").await, ["admin", "boss", "manager"]);
    let denied = format!("{CONSOLE}/audit-events?fieldSelector=action=users:delete&fieldSelector=outcome=denied");
    assert_eq!(owner.get(&denied).await.expect(200)["total"], 2);
}

#[tokio::test]
async fn a_role_that_one_may_not_give_is_given_to_nobody() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let manager = make_person(&owner, "manager", "user-manager").await;
    make_user(&owner, "ada", "").await;
    let asked = json!({ "act": "grant-role", "role": "owner", "names": ["ada"] });
    let done = run(&manager, asked).await;
    assert_eq!(counts(&done), [0, 0, 1, 0], "{done}");
    assert_eq!(refused(&manager, &done).await, [why("ada", "escalation")]);
    assert!(roles_of(&owner, "ada").await.is_empty());
}

#[tokio::test]
async fn the_last_owner_stays_and_nothing_of_the_act_on_them_is_left() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    make_role(&owner, "heir", "owner", &[]).await;
    let heir = make_person(&owner, "heir", "heir").await;
    // In the order in which they were made.
    app.advance(1);
    make_user(&owner, "second", "owner").await;
    let asked = json!({ "act": "disable", "filter": { "role": "owner" } });
    let tried = run(
        &heir,
        json!({ "act": "disable", "dryRun": true, "filter": { "role": "owner" } }),
    )
    .await;
    assert_eq!(
        counts(&tried),
        [2, 0, 0, 0],
        "each could go if the other stays: {tried}"
    );
    let done = run(&heir, asked).await;
    assert_eq!(counts(&done), [1, 0, 1, 0], "{done}");
    let last = refused(&heir, &done).await;
    assert_eq!(last, [why("second", "last_owner")], "the older one comes first");
    assert_eq!(names(&heir, "fieldSelector=spec.disabled=true").await, ["admin"]);
    app.default_tenant().sign_in("second").await;
}

#[tokio::test]
async fn each_needs_the_permission_of_the_act_on_them() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let rules = [
        allow("user-batches", "create get"),
        only(allow("users", "disable"), "ada bob"),
        only(deny("users", "disable"), "bob"),
    ];
    make_role(&owner, "keeper", "", &rules).await;
    let keeper = make_person(&owner, "keeper", "keeper").await;
    for name in ["ada", "bob", "eve"] {
        make_user(&owner, name, "").await;
    }
    let asked = json!({ "act": "disable", "names": ["ada", "bob", "eve"] });
    let done = run(&keeper, asked).await;
    assert_eq!(counts(&done), [1, 0, 2, 0], "{done}");
    assert_eq!(
        refused(&keeper, &done).await,
        [why("bob", "forbidden"), why("eve", "forbidden")]
    );
}

#[tokio::test]
async fn who_may_not_see_users_learns_of_nobody_by_acting_on_many() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let rules = [allow("user-batches", "create get"), allow("users", "disable")];
    make_role(&owner, "keeper", "", &rules).await;
    let keeper = make_person(&owner, "keeper", "keeper").await;
    make_user(&owner, "ada", "").await;
    let everybody = json!({ "act": "disable", "dryRun": true, "filter": {} });
    send(&keeper, everybody).await.expect_problem(403, "forbidden");
    // Neither at once nor later do a name that is there and one that is not differ.
    let asked = json!({ "act": "delete", "names": ["ada", "nobody"] });
    let made = send(&keeper, asked).await.expect(200);
    assert_eq!(counts(&made), [0, 0, 2, 0], "{made}");
    app.work().await;
    let done = see(&keeper, &made).await;
    assert_eq!(counts(&done), [0, 0, 2, 0], "{done}");
    let expected = [why("ada", "forbidden"), why("nobody", "forbidden")];
    assert_eq!(refused(&keeper, &done).await, expected);
}

#[tokio::test]
async fn whoever_loses_the_permission_meanwhile_does_no_more() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let manager = make_person(&owner, "manager", "user-manager").await;
    make_user(&owner, "ada", "").await;
    let made = send(&manager, json!({ "act": "delete", "names": ["ada"] }))
        .await
        .expect(200);
    grant(&owner, "manager", "support").await.expect(200);
    app.work().await;
    let done = see(&owner, &made).await;
    assert_eq!(done["status"]["phase"], "FAILED", "{done}");
    assert_eq!(counts(&done), [0, 0, 0, 1]);
    assert_eq!(names(&owner, "").await, ["ada", "admin", "manager"]);
}

#[tokio::test]
async fn whoever_takes_the_permission_from_themself_does_no_more() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    make_role(&owner, "batches", "", &[allow("user-batches", "*")]).await;
    make_role(&owner, "giver", "", &[allow("users/permissions", "create")]).await;
    make_user(&owner, "before", "batches").await;
    // In the order in which they were made.
    app.advance(1);
    let manager = make_person(&owner, "manager", "batches giver").await;
    app.advance(1);
    make_user(&owner, "later", "batches").await;
    let asked = json!({ "act": "revoke-role", "role": "batches", "names": ["before", "manager", "later"] });
    let made = send(&manager, asked).await.expect(200);
    app.work().await;
    let done = see(&owner, &made).await;
    assert_eq!(done["status"]["phase"], "FAILED", "{done}");
    assert_eq!(counts(&done), [2, 0, 0, 1], "what was done stays: {done}");
    assert!(roles_of(&owner, "before").await.is_empty());
    assert_eq!(roles_of(&owner, "later").await, ["batches"]);
}
