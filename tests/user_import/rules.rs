//! The rules that hold for a row as for a user who is made alone: roles, quotas, names and addresses.

use super::{counts, import, rejections, send, user, wrong};
use crate::support::{
    TestApp,
    roles::{USERS, make_person, make_user, roles_of},
};
use serde_json::json;

#[tokio::test]
async fn a_row_with_roles_that_the_caller_may_not_give_is_refused_and_the_others_are_done() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let manager = make_person(&owner, "manager", "user-manager").await;
    let file = "name,email,roles\n\
                ada,ada@example.test,support\n\
                boss,boss@example.test,owner\n\
                both,both@example.test,support owner\n\
                none,none@example.test,nothing\n\
                zoe,zoe@example.test,\n";
    let done = import(&manager, &[], ("a.csv", file.as_bytes())).await;
    assert_eq!(counts(&done), [2, 0, 3], "{done}");
    let expected = [
        wrong(3, "roles", "escalation"),
        wrong(4, "roles", "escalation"),
        wrong(5, "roles", "role_unknown"),
    ];
    assert_eq!(rejections(&manager, &done).await, expected);
    assert_eq!(roles_of(&owner, "ada").await, ["support"]);
    let again = import(&owner, &[], ("a.csv", file.as_bytes())).await;
    assert_eq!(counts(&again), [2, 2, 1], "an owner may give them");
    assert_eq!(roles_of(&owner, "boss").await, ["owner"]);
}

#[tokio::test]
async fn a_name_that_was_given_up_lately_is_that_of_whoever_had_it() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    for name in ["ada", "bob"] {
        make_user(&owner, name, "").await;
        let new = json!({ "newName": format!("{name}.king") });
        owner.post(&format!("{USERS}/{name}/rename"), &new).await.expect(200);
    }
    let file = "name,email\nada,ada@example.test\nbob,other@example.test\n";
    for dry_run in ["true", "false"] {
        let done = import(&owner, &[("dryRun", dry_run)], ("a.csv", file.as_bytes())).await;
        assert_eq!(counts(&done), [0, 1, 1], "{done}");
        assert_eq!(rejections(&owner, &done).await, [wrong(3, "name", "user_name_taken")]);
    }
}

#[tokio::test]
async fn whoever_loses_the_permission_meanwhile_imports_nobody() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let manager = make_person(&owner, "manager", "user-manager").await;
    let made = send(&manager, &[], ("a.csv", b"name,email\nada,ada@example.test\n"))
        .await
        .expect(200);
    crate::support::roles::grant(&owner, "manager", "support")
        .await
        .expect(200);
    app.work().await;
    let done = super::see(&owner, &made).await;
    assert_eq!(done["status"]["phase"], "FAILED", "{done}");
    assert_eq!(owner.get(USERS).await.expect(200)["total"], 2);
}

#[tokio::test]
async fn no_more_users_are_imported_than_the_quota_has_room_for() {
    let app = TestApp::start().await;
    let operator = app.default_tenant().owner().await;
    let tenant = app.tenant("acme").await;
    let owner = tenant.owner().await;
    let quotas = "/apis/system/v1alpha1/tenants/acme/quotas";
    operator
        .put(quotas, &json!({ "spec": { "users": 3 } }))
        .await
        .expect(200);
    let file = "name,email\na1,a1@example.test\na2,a2@example.test\na3,a3@example.test\na1,a1@example.test\n";
    let tried = import(&owner, &[("dryRun", "true")], ("a.csv", file.as_bytes())).await;
    assert_eq!(counts(&tried), [2, 1, 1], "{tried}");
    let done = import(&owner, &[], ("a.csv", file.as_bytes())).await;
    assert_eq!(counts(&done), [2, 1, 1], "{done}");
    assert_eq!(rejections(&owner, &done).await, [wrong(4, "", "quota_exceeded")]);
    assert_eq!(owner.get(USERS).await.expect(200)["total"], 3);
}

#[tokio::test]
async fn an_address_that_somebody_has_proven_is_nobody_elses() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    tenant.sign_up_proven("ada").await;
    let ada = user(&owner, "ada").await["user"]["spec"]["email"].take();
    let address = ada.as_str().unwrap().to_uppercase();
    let file = format!("name,email,emailVerified\nthief,{address},true\nother,{address},false\n");
    let done = import(&owner, &[], ("a.csv", file.as_bytes())).await;
    assert_eq!(counts(&done), [0, 0, 2], "{done}");
    assert_eq!(
        rejections(&owner, &done).await,
        [2, 3].map(|row| wrong(row, "email", "email_taken"))
    );
}

#[tokio::test]
async fn an_id_is_kept_if_it_is_nobody_elses() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let id = "usr_0190a9f0c7d87c3e8f3b0a4b6c2d1e0f";
    let file =
        format!("id,name,email\n{id},ada,ada@example.test\n{id},bob,bob@example.test\n{id},ada,new@example.test\n");
    let done = import(&owner, &[], ("a.csv", file.as_bytes())).await;
    assert_eq!(counts(&done), [1, 1, 1], "{done}");
    assert_eq!(rejections(&owner, &done).await, [wrong(3, "id", "value")]);
    assert_eq!(user(&owner, "ada").await["user"]["status"]["id"], id);
}
