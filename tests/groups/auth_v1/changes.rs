//! What was done to one's own account, as far as it concerns whoever has it.

use super::ME;
use crate::support::{
    PASSWORD, Person, TestApp,
    roles::{CONSOLE, USERS, deny, make_person, make_role, make_user, patch},
};
use serde_json::{Value, json};

async fn changes(of: &Person<'_>, query: Value) -> Value {
    let path = format!("{ME}/changes/_search");
    of.post(&path, &json!({ "query": query })).await.expect(200)
}

fn keys(answer: &Value) -> Vec<&str> {
    let result = answer["result"].as_array().unwrap().iter();
    result.map(|of| of["eventType"]["key"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn people_see_what_was_done_to_their_account_and_of_others_no_names() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    make_user(&owner, "ada", "").await;
    // Of the same name, and nothing of the account's.
    make_role(&owner, "ada", "", &[]).await;
    let ada = tenant.sign_in("ada").await;
    let bio = json!({ "spec": { "bio": "hi" } });
    patch(&owner, &format!("{USERS}/ada"), &bio).await.expect(200);
    owner
        .post(&format!("{USERS}/ada/permissions"), &json!({ "roles": ["support"] }))
        .await
        .expect(200);
    let given = json!({ "oldPassword": PASSWORD, "newPassword": "another battery staple" });
    ada.put(&format!("{ME}/password"), &given).await.expect(200);
    app.work().await;

    let answer = changes(&ada, json!({})).await;
    let known = [
        "users/password:update",
        "users/permissions:create",
        "users:update",
        "sessions:create",
        "users:create",
    ];
    assert_eq!(keys(&answer), known);
    let (mine, theirs) = (&answer["result"][0], &answer["result"][2]);
    let me = ada.get(ME).await.expect(200);
    assert_eq!(mine["editorId"], me["user"]["id"]);
    assert_eq!(mine["editorPreferredLoginName"], "ada");
    assert_eq!(mine["eventType"]["localizedMessage"], "Set a user's password");
    assert_eq!(mine["resourceOwnerId"], me["user"]["details"]["resourceOwner"]);
    assert!(theirs["editorId"].is_null(), "{theirs}");
    let told = answer.to_string();
    for secret in ["admin", "127.0.0.1", "localhost"] {
        assert!(!told.contains(secret), "{secret}: {told}");
    }
}

#[tokio::test]
async fn changes_are_read_part_by_part_in_either_order() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let ada = tenant.sign_up("ada").await;
    app.work().await;
    for phone in ["1", "2", "3", "4"] {
        let change = json!({ "metadata": { "name": "ada" }, "spec": { "displayName": "Ada", "phone": phone } });
        ada.put(&format!("{USERS}/-"), &change).await.expect(200);
    }
    let all = changes(&ada, json!({})).await;
    let count = keys(&all).len();
    assert!(count >= 5, "{all}");
    for asc in [false, true] {
        let (mut read, mut after) = (vec![], json!("0"));
        loop {
            let part = changes(&ada, json!({ "sequence": after, "limit": 2, "asc": asc })).await;
            let part = part["result"].as_array().unwrap().clone();
            assert!(part.len() <= 2);
            let Some(last) = part.last() else { break };
            after = last["sequence"].clone();
            read.extend(part);
        }
        if asc {
            read.reverse();
        }
        assert_eq!(json!(read), all["result"], "asc {asc}");
    }
    let path = format!("{ME}/changes/_search");
    for bad in [
        json!({ "limit": 1001 }),
        json!({ "sequence": "x" }),
        json!({ "sequence": 1 }),
    ] {
        ada.post(&path, &json!({ "query": bad }))
            .await
            .expect_problem(400, "invalid");
    }
}

#[tokio::test]
async fn whoever_has_the_name_of_somebody_who_was_deleted_sees_nothing_of_them() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    make_user(&owner, "ada", "support").await;
    let before = tenant.sign_in("ada").await;
    assert_eq!(keys(&changes(&before, json!({})).await).len(), 2);
    owner.delete(&format!("{USERS}/ada")).await.expect(204);
    app.advance(1);
    make_user(&owner, "ada", "").await;
    let after = tenant.sign_in("ada").await;
    let seen = changes(&after, json!({})).await;
    assert_eq!(keys(&seen), ["sessions:create", "users:create"]);
    app.work().await;
}

#[tokio::test]
async fn who_may_not_see_changes_is_refused() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    make_role(&owner, "kept-out", "", &[deny("users/changes", "*")]).await;
    let eve = make_person(&owner, "eve", "kept-out").await;
    let path = format!("{ME}/changes/_search");
    let refused = eve.post(&path, &json!({})).await.expect_problem(403, "forbidden");
    assert_eq!(refused["code"], 7);
    let nobody = app.default_tenant().anybody();
    nobody
        .post(&path, &json!({}))
        .await
        .expect_problem(401, "unauthenticated");
    let own = eve.get(&format!("{CONSOLE}/users/-/permissions")).await.expect(200);
    assert!(!own["uiPermissions"].to_string().contains("users/changes"), "{own}");
}
