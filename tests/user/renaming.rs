//! Another name for a user: the old one leads nowhere, and to nobody else for a while.

use super::{Devices, ME, USERS, let_rename, make, see, signs_in};
use crate::support::{
    PASSWORD, Person, Reply, TestApp,
    roles::{CONSOLE, ROLES, allow, events_of, make_person, make_role, make_user, only},
};
use reqwest::Method;
use serde_json::{Value, json};

/// How long nobody else gets a name that somebody gave up.
const RESERVED: i64 = 30 * 24 * 3600;

async fn rename(by: &Person<'_>, name: &str, new: &str) -> Reply {
    let path = format!("{USERS}/{name}/rename");
    by.post(&path, &json!({ "newName": new })).await
}

async fn rename_own(who: &Person<'_>, new: &str) -> Reply {
    who.put(&format!("{ME}/name"), &json!({ "newName": new })).await
}

/// What was done to somebody's account, as they are told.
async fn changes(of: &Person<'_>) -> Vec<String> {
    let told = of
        .post("/auth/v1/users/me/changes/_search", &json!({}))
        .await
        .expect(200);
    let result = told["result"].as_array().unwrap().iter();
    result
        .map(|of| of["eventType"]["key"].as_str().unwrap().to_owned())
        .collect()
}

async fn create(by: &Person<'_>, name: &str, address: &str) -> Reply {
    let new = json!({ "name": name, "email": address, "password": PASSWORD, "mustChangePassword": false });
    by.post(USERS, &new).await
}

#[tokio::test]
async fn a_user_who_is_renamed_is_the_same_one_by_another_name() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    make(&owner, "ada", json!({ "roles": ["support"] })).await;
    let mut devices = Devices::of(&tenant, "ada", PASSWORD).await;
    let before = see(&owner, "ada").await;

    let renamed = rename(&owner, "ada", "Countess").await;
    assert_eq!(renamed.header("etag"), "\"2\"");
    let events = events_of(&owner, &renamed).await;
    let after = renamed.expect(200);
    assert_eq!(after["metadata"]["name"], "countess");
    assert_eq!(after["status"]["id"], before["status"]["id"]);
    assert_eq!(
        after["spec"]["displayName"], "countess",
        "they were shown by their name"
    );
    assert_eq!(see(&owner, "countess").await, after);
    let said = ["actor", "action", "object", "outcome"].map(|field| events[0][field].clone());
    assert_eq!(said, ["admin", "users:rename", "ada", "done"]);
    assert_eq!(events[0]["changes"][0]["after"]["name"], "countess");

    assert_eq!(devices.let_in().await, [true; 3], "sessions and tokens go on");
    let me = devices.application.get(ME).await.expect(200);
    assert_eq!(me["user"]["metadata"]["name"], "countess");
    assert!(signs_in(&tenant, "countess", PASSWORD).await);
    assert!(!signs_in(&tenant, "ada", PASSWORD).await);
    assert!(signs_in(&tenant, "ada@example.test", PASSWORD).await);
    let gone = owner.get(&format!("{USERS}/ada")).await;
    gone.expect_problem(404, "user_not_found");
    let found = owner.get(&format!("{USERS}?keyword=countess")).await.expect(200);
    assert_eq!(found["total"], 1);
    let found = owner
        .get(&format!("{USERS}?keyword=ada@example.test"))
        .await
        .expect(200);
    assert_eq!(found["items"][0]["user"]["metadata"]["name"], "countess");
}

#[tokio::test]
async fn a_name_that_was_chosen_to_be_shown_stays() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    make(&owner, "ada", json!({ "displayName": "Ada Lovelace" })).await;
    let renamed = rename(&owner, "ada", "countess").await.expect(200);
    assert_eq!(renamed["spec"]["displayName"], "Ada Lovelace");
}

#[tokio::test]
async fn a_name_that_somebody_gave_up_is_kept_for_them_for_thirty_days() {
    let mut app = TestApp::start().await;
    app.abandon_jobs();
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    make(&owner, "ada", json!({})).await;
    make(&owner, "bob", json!({})).await;
    rename(&owner, "ada", "bob")
        .await
        .expect_problem(409, "user_name_taken");
    rename(&owner, "ada", "countess").await.expect(200);

    let created = create(&owner, "ADA", "other@example.test").await;
    created.expect_problem(409, "user_name_taken");
    rename(&owner, "bob", "ada")
        .await
        .expect_problem(409, "user_name_taken");
    let new = json!({ "username": "ada", "email": "ada@example.com", "password": PASSWORD });
    let signed_up = tenant.anybody().post("/v1/register", &new).await;
    signed_up.expect_problem(409, "user_name_taken");
    rename(&owner, "countess", "ada").await.expect(200);
    rename(&owner, "ada", "countess").await.expect(200);

    app.advance(RESERVED + 1);
    let owner = tenant.owner().await;
    create(&owner, "ada", "other@example.test").await.expect(200);
    let back = rename(&owner, "countess", "ada").await;
    back.expect_problem(409, "user_name_taken");
}

#[tokio::test]
async fn a_name_goes_with_the_user_who_gave_it_up() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    make(&owner, "ada", json!({})).await;
    rename(&owner, "ada", "countess").await.expect(200);
    owner.delete(&format!("{USERS}/countess")).await.expect(204);
    make(&owner, "ada", json!({})).await;
}

#[tokio::test]
async fn whoever_takes_a_name_has_nothing_of_the_history_of_whoever_had_it() {
    let mut app = TestApp::start().await;
    app.abandon_jobs();
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    make(&owner, "ada", json!({})).await;
    let wrong = json!({ "username": "ada", "password": "wrong" });
    let refused = tenant.anybody().post("/v1/login", &wrong).await;
    refused.expect_problem(401, "credentials_invalid");
    rename(&owner, "ada", "countess").await.expect(200);
    app.advance(RESERVED + 1);
    let owner = tenant.owner().await;
    create(&owner, "ada", "other@example.test").await.expect(200);

    let next = tenant.sign_in("ada").await;
    assert_eq!(changes(&next).await, ["sessions:create", "users:create"]);
    let failures = async |name: &str| {
        let state = owner.get(&format!("{USERS}/{name}/sign-in")).await.expect(200);
        state["failures"].as_array().unwrap().len()
    };
    assert_eq!(failures("ada").await, 0);

    let countess = tenant.sign_in("countess").await;
    let known = ["sessions:create", "users:rename", "users:create"];
    assert_eq!(changes(&countess).await, known);
    assert_eq!(failures("countess").await, 1);
    owner.delete(&format!("{USERS}/countess/sessions")).await.expect(204);
    next.get(ME).await.expect(200);
}

#[tokio::test]
async fn people_rename_themselves_where_the_tenant_lets_them() {
    let mut app = TestApp::start().await;
    app.abandon_jobs();
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let ada = make_person(&owner, "ada", "").await;
    let told = || async { owner.get(&format!("{CONSOLE}/tenant")).await.expect(200)["nameChange"].clone() };
    assert_eq!(told().await, false);
    rename_own(&ada, "countess").await.expect_problem(409, "policy_forbids");
    let_rename(&owner).await;
    assert_eq!(told().await, true);
    rename_own(&ada, "admin").await.expect_problem(409, "user_name_taken");

    let renamed = rename_own(&ada, "countess").await;
    let events = events_of(&owner, &renamed).await;
    assert_eq!(renamed.expect(200)["metadata"]["name"], "countess");
    let said = ["actor", "action", "object", "outcome"].map(|field| events[0][field].clone());
    assert_eq!(said, ["ada", "users/name:update", "ada", "done"]);
    let me = ada.get(ME).await.expect(200);
    assert_eq!(me["user"]["metadata"]["name"], "countess");
    rename_own(&ada, "lady").await.expect_problem(409, "renamed_lately");

    app.advance(RESERVED + 1);
    let again = tenant.sign_in("countess").await;
    rename_own(&again, "lady").await.expect(200);
}

#[tokio::test]
async fn people_rename_themselves_only_when_they_signed_in_a_moment_ago_and_to_no_protected_name() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let policy = json!({ "spec": { "mode": "open", "nameChange": true, "protectedNames": ["root"] } });
    owner
        .put(&format!("{CONSOLE}/policies/sign-up"), &policy)
        .await
        .expect(200);
    let ada = make_person(&owner, "ada", "").await;
    rename_own(&ada, "root").await.expect_problem(409, "user_name_taken");
    app.advance(5 * 60 + 1);
    let late = rename_own(&ada, "countess").await;
    late.expect_problem(403, "reauthentication_required");
    rename_own(&tenant.sign_in("ada").await, "countess").await.expect(200);
}

#[tokio::test]
async fn nobody_renames_who_may_do_more() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let manager = make_person(&owner, "max", "user-manager").await;
    let support = make_person(&owner, "sue", "support").await;
    make_user(&owner, "ada", "").await;
    let refused = rename(&manager, "admin", "nobody").await;
    refused.expect_problem(403, "escalation");
    rename(&support, "ada", "countess")
        .await
        .expect_problem(403, "forbidden");
    rename(&manager, "sue", "susan").await.expect(200);
    rename(&manager, "ada", "countess").await.expect(200);
    let absent = rename(&manager, "ada", "lady").await;
    absent.expect_problem(404, "user_not_found");
}

#[tokio::test]
async fn rules_that_name_a_user_name_them_by_their_new_name() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let rules = [
        only(allow("users", "update"), "ada"),
        only(allow("users applications", "get"), "ada"),
    ];
    make_role(&owner, "guardian", "", &rules).await;
    let guardian = make_person(&owner, "gus", "guardian").await;
    make_user(&owner, "ada", "").await;
    make_user(&owner, "bob", "").await;
    rename(&owner, "bob", "carol").await.expect(200);

    rename(&owner, "ada", "countess").await.expect(200);
    let bio = |name: &str| {
        let request = guardian.request(Method::PATCH, &format!("{USERS}/{name}"));
        guardian.send(request.json(&json!({ "spec": { "bio": "hi" } })))
    };
    bio("countess").await.expect(200);
    bio("carol").await.expect_problem(403, "forbidden");
    let role = owner.get(&format!("{ROLES}/guardian")).await.expect(200);
    let named: Vec<&Value> = role["rules"]
        .as_array()
        .unwrap()
        .iter()
        .map(|rule| &rule["resourceNames"])
        .collect();
    assert_eq!(named, [&json!(["countess"]), &json!(["ada", "countess"])]);
    assert_eq!(role["metadata"]["version"], 2);

    make_role(&owner, "keeper", "", &[only(allow("users", "update"), "heir")]).await;
    let heir = rename(&owner, "carol", "heir").await;
    heir.expect_problem(409, "user_name_in_role");
}

#[tokio::test]
async fn a_rename_is_held_to_the_version_that_it_was_meant_for() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    make(&owner, "ada", json!({})).await;
    let path = format!("{USERS}/ada/rename");
    let send = |tag: &str| {
        let request = owner.request(Method::POST, &path).header("if-match", tag);
        owner.send(request.json(&json!({ "newName": "countess" })))
    };
    send("\"7\"").await.expect_problem(412, "precondition_failed");
    send("\"1\"").await.expect(200);
}

#[tokio::test]
async fn a_name_that_was_given_up_in_one_tenant_is_free_in_another() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let other = app.tenant("acme").await.owner().await;
    make(&owner, "ada", json!({})).await;
    rename(&owner, "ada", "countess").await.expect(200);
    make(&other, "ada", json!({})).await;
    make(&other, "countess", json!({})).await;
    rename(&other, "ada", "lady").await.expect(200);
    assert_eq!(see(&owner, "countess").await["metadata"]["version"], 2);
}
