//! Versions of users: a request that changes one can say which version was read.

use super::{ME, USERS, make, patch, see};
use crate::support::{PASSWORD, Person, Reply, TestApp};
use reqwest::Method;
use serde_json::{Value, json};

/// The version an answer carries in its body and in its entity tag, which must be the same. Of a user
/// with their roles the tag is a weak one: roles change without their users.
#[track_caller]
fn version(reply: Reply) -> i64 {
    let tag = reply.header("etag").to_owned();
    let body = reply.expect(200);
    let user = body.get("user").unwrap_or(&body);
    let version = user["metadata"]["version"].as_i64().unwrap();
    match body.get("user") {
        Some(_) => assert!(tag.starts_with(&format!("W/\"{version}-")), "{tag}"),
        None => assert_eq!(tag, format!("\"{version}\"")),
    }
    version
}

async fn send_if(who: &Person<'_>, method: Method, path: &str, tag: &str, body: &Value) -> Reply {
    let request = who.request(method, path).header("if-match", tag);
    who.send(request.json(body)).await
}

#[tokio::test]
async fn every_answer_with_a_user_has_its_version_and_every_write_counts() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let path = format!("{USERS}/alice");
    let new =
        json!({ "name": "alice", "email": "alice@example.test", "password": PASSWORD, "mustChangePassword": false });
    let first = version(owner.post(USERS, &new).await);
    assert_eq!(version(owner.get(&path).await), first);

    let mut last = first;
    for (method, below, body) in [
        (Method::PATCH, "", json!({ "spec": { "bio": "hi" } })),
        (Method::PUT, "/email", json!({ "email": "other@example.test" })),
        (Method::PUT, "/password", json!({ "password": "another good password" })),
        (Method::POST, "/permissions", json!({ "roles": ["auditor"] })),
        (Method::POST, "/disable", json!(null)),
        (Method::POST, "/enable", json!(null)),
        (
            Method::PATCH,
            "",
            json!({ "spec": { "avatar": "https://pics.example/a.png" } }),
        ),
        (Method::DELETE, "/avatar", json!(null)),
    ] {
        let request = owner.request(method, &format!("{path}{below}")).json(&body);
        let now = version(owner.send(request).await);
        assert!(now > last, "{below}: {last} then {now}");
        assert_eq!(version(owner.get(&path).await), now, "{below}");
        last = now;
    }
    let me = owner.get(ME).await;
    let profile = json!({ "metadata": { "name": "admin" }, "spec": { "displayName": "A" } });
    assert!(version(owner.put(ME, &profile).await) > version(me));
}

#[tokio::test]
async fn a_change_of_another_version_is_refused_by_header_and_by_body() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    make(&owner, "alice", json!({})).await;
    let path = format!("{USERS}/alice");
    let change = json!({ "spec": { "bio": "new" } });
    patch(&owner, "alice", &json!({ "spec": { "bio": "hi" } }))
        .await
        .expect(200);
    let before = see(&owner, "alice").await;
    assert_eq!(before["metadata"]["version"], 2);

    for stale in ["\"1\"", "\"3\"", "\"\"", "W/\"1\"", "\"1\", \"3\"", "\"02\""] {
        let reply = send_if(&owner, Method::PATCH, &path, stale, &change).await;
        reply.expect_problem(412, "precondition_failed");
    }
    for broken in ["2", "", "\"2", "W/2", "\"2\" x"] {
        let reply = send_if(&owner, Method::PATCH, &path, broken, &change).await;
        let refused = reply.expect_problem(400, "invalid");
        assert_eq!(refused["errors"][0]["field"], "If-Match", "{broken}");
    }
    for stale in [1, 3, 0, -1] {
        let change = json!({ "metadata": { "version": stale }, "spec": { "bio": "new" } });
        patch(&owner, "alice", &change)
            .await
            .expect_problem(409, "version_conflict");
    }
    assert_eq!(see(&owner, "alice").await, before);

    // A proxy that compresses weakens tags; and what comes after a version is of one representation.
    for right in ["\"2\"", "*", "\"1\", \"4\"", "W/\"5\"", "W/\"6-ab\""] {
        let change = json!({ "spec": { "bio": right } });
        send_if(&owner, Method::PATCH, &path, right, &change).await.expect(200);
    }
    let change = json!({ "metadata": { "version": 7 }, "spec": { "bio": "newer" } });
    let changed = patch(&owner, "alice", &change).await.expect(200);
    assert_eq!(changed["spec"]["bio"], "newer");
}

#[tokio::test]
async fn people_do_not_overwrite_what_they_have_not_read_of_their_own() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    make(&owner, "alice", json!({})).await;
    let alice = tenant.sign_in("alice").await;
    let read = alice.get(ME).await.expect(200)["user"].take();
    patch(&owner, "alice", &json!({ "spec": { "phone": "112" } }))
        .await
        .expect(200);

    alice.put(ME, &read).await.expect_problem(409, "version_conflict");
    let mut blind = read.clone();
    blind["metadata"]["version"] = Value::Null;
    let stale = send_if(&alice, Method::PUT, ME, "\"1\"", &blind).await;
    stale.expect_problem(412, "precondition_failed");
    assert_eq!(see(&owner, "alice").await["spec"]["phone"], "112");

    let read = alice.get(ME).await.expect(200)["user"].take();
    alice.put(ME, &read).await.expect(200);
    send_if(&alice, Method::PUT, ME, "\"2\"", &blind).await.expect(200);
}

#[tokio::test]
async fn one_of_twenty_parallel_changes_of_one_version_is_made() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    make(&owner, "alice", json!({})).await;
    let changes: Vec<_> = (0..20)
        .map(|n| json!({ "metadata": { "version": 1 }, "spec": { "bio": format!("{n}") } }))
        .collect();

    let answers = futures_util::future::join_all(changes.iter().map(|change| patch(&owner, "alice", change))).await;

    let mut made = vec![];
    for answer in answers {
        match answer.status.as_u16() {
            200 => made.push(answer.expect(200)),
            _ => drop(answer.expect_problem(409, "version_conflict")),
        }
    }
    assert_eq!(made, [see(&owner, "alice").await]);
}

#[tokio::test]
async fn a_user_of_another_version_is_not_deleted() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    make(&owner, "alice", json!({})).await;
    let path = format!("{USERS}/alice");
    patch(&owner, "alice", &json!({ "spec": { "bio": "hi" } }))
        .await
        .expect(200);

    let stale = owner.request(Method::DELETE, &path).header("if-match", "\"1\"");
    owner.send(stale).await.expect_problem(412, "precondition_failed");
    assert_eq!(see(&owner, "alice").await["spec"]["bio"], "hi");
    let right = owner.request(Method::DELETE, &path).header("if-match", "\"2\"");
    owner.send(right).await.expect(204);
    owner.get(&path).await.expect_problem(404, "user_not_found");
}
