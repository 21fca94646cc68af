//! A rule that names an object is about that object however a request spells it.

use crate::support::TestApp;
use crate::support::roles::{USERS, allow, deny, make_person, make_role, make_user, only, patch};
use serde_json::json;

/// Ways to write a path to alice that may or may not lead to her.
const SPELLINGS: &[&str] = &[
    "alice",
    "ALICE",
    "Alice",
    "%61lice",
    "%41LICE",
    "ali%63e",
    "alice/",
    "alice/.",
    "alice/../alice",
    "./alice",
    "../users/alice",
    "bob/../alice",
    "/alice",
    "%2falice",
    "%2e/alice",
    "bob%2f..%2falice",
    "alice;x",
    "alice%3bx",
    "alice%00",
    "alice%20",
    "alice?x=bob",
    "alice#bob",
    "%2561lice",
    "a%6Cice",
    "al%C4%B1ce",
    "al%C4%B0ce",
    "\u{ff41}lice",
];

#[tokio::test]
async fn a_denial_for_one_object_holds_for_every_spelling_of_it() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    make_user(&owner, "alice", "").await;
    make_user(&owner, "bob", "").await;
    let rules = [allow("users", "*"), only(deny("users", "get update delete"), "Alice")];
    make_role(&owner, "blind", "", &rules).await;
    let eve = make_person(&owner, "eve", "blind").await;
    let before = owner.get(&format!("{USERS}/alice")).await.expect(200);
    let change = json!({ "spec": { "bio": "eve was here" } });
    for spelling in SPELLINGS {
        let path = format!("{USERS}/{spelling}");
        for reply in [eve.get(&path).await, patch(&eve, &path, &change).await] {
            let status = reply.status.as_u16();
            assert!(
                [308, 400, 403, 404].contains(&status),
                "{spelling}: {status} {}",
                reply.text
            );
        }
        eve.delete(&path).await;
    }
    assert_eq!(owner.get(&format!("{USERS}/alice")).await.expect(200), before);
    for spelling in ["bob", "BOB", "%62ob"] {
        let path = format!("{USERS}/{spelling}");
        let got = eve.get(&path).await.expect(200);
        assert_eq!(got["user"]["metadata"]["name"], "bob");
        patch(&eve, &path, &change).await.expect(200);
    }
}

#[tokio::test]
async fn a_permission_for_one_object_is_for_no_other_one_and_not_for_all() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    make_user(&owner, "alice", "").await;
    make_user(&owner, "alicea", "").await;
    let rules = [only(allow("users", "*"), "ALICE nobody")];
    make_role(&owner, "friend", "", &rules).await;
    let eve = make_person(&owner, "eve", "friend").await;
    for spelling in ["alice", "ALICE", "%61lice"] {
        eve.get(&format!("{USERS}/{spelling}")).await.expect(200);
    }
    // A caller who may see these may know that they are not there, and learns nothing of others.
    eve.get(&format!("{USERS}/nobody"))
        .await
        .expect_problem(404, "user_not_found");
    for other in ["alicea", "admin", "nobody2", "eve"] {
        let reply = eve.get(&format!("{USERS}/{other}")).await;
        reply.expect_problem(403, "forbidden");
        let change = json!({ "spec": { "bio": "x" } });
        patch(&eve, &format!("{USERS}/{other}"), &change)
            .await
            .expect_problem(403, "forbidden");
    }
    eve.get(USERS).await.expect_problem(403, "forbidden");
    let new = json!({ "name": "alice2", "email": "alice2@example.test" });
    eve.post(USERS, &new).await.expect_problem(403, "forbidden");
    // What belongs to her is another resource.
    eve.get(&format!("{USERS}/alice/permissions"))
        .await
        .expect_problem(403, "forbidden");
    patch(&eve, &format!("{USERS}/alice"), &json!({ "spec": { "bio": "x" } }))
        .await
        .expect(200);
}

#[tokio::test]
async fn no_field_of_a_body_says_who_sends_it_or_gives_rights() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let eve = make_person(&owner, "eve", "").await;
    let path = format!("{USERS}/-");
    let before = eve.get(&path).await.expect(200);
    let id = owner.tokens["user"]["userId"].clone();
    let change = json!({
        "userId": id, "ownerId": id, "tenantId": "x", "createdBy": "admin", "roles": ["owner"],
        "metadata": {
            "name": "eve", "version": before["user"]["metadata"]["version"], "labels": { "role": "owner" },
            "annotations": { "rbac.authorization.halo.run/role-names": "[\"owner\"]" },
            "creationTimestamp": "2000-01-01T00:00:00Z", "deletionTimestamp": "2000-01-01T00:00:00Z",
            "finalizers": ["x"], "ownerReferences": [{ "name": "admin" }],
        },
        "spec": {
            "displayName": "Eve", "email": "admin@localhost", "emailVerified": true, "disabled": false,
            "roles": ["owner"], "passwordHash": "x", "mustChangePassword": true,
        },
        "status": { "id": id, "roles": ["owner"] },
    });
    let reply = eve.put(&path, &change).await;
    assert!([200, 400].contains(&reply.status.as_u16()), "{}", reply.text);
    assert!(!reply.text.contains("argon2"), "{}", reply.text);
    let after = eve.get(&path).await.expect(200);
    assert_eq!(after["roles"], before["roles"]);
    assert_eq!(after["user"]["status"], before["user"]["status"]);
    for field in ["name", "labels", "creationTimestamp"] {
        assert_eq!(
            after["user"]["metadata"][field], before["user"]["metadata"][field],
            "{field}"
        );
    }
    for field in ["email", "emailVerified", "mustChangePassword", "disabled"] {
        assert_eq!(after["user"]["spec"][field], before["user"]["spec"][field], "{field}");
    }
    eve.get(USERS).await.expect_problem(403, "forbidden");
    // The control: what they may change changes.
    let control = json!({ "metadata": { "name": "eve" }, "spec": { "displayName": "Eve of old" } });
    assert_eq!(
        eve.put(&path, &control).await.expect(200)["spec"]["displayName"],
        "Eve of old"
    );
}
