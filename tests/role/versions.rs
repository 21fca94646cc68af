//! A change that was meant for another version of a role is refused.

use crate::support::roles::{ROLES, make_role, patch, wrong_fields};
use crate::support::{Person, Reply, TestApp};
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;

async fn send(by: &Person<'_>, method: Method, tag: &str) -> Reply {
    let change = json!({ "spec": { "displayName": "Changed" } });
    let request = by.request(method, &format!("{ROLES}/editor")).header("if-match", tag);
    by.send(request.json(&change)).await
}

#[tokio::test]
async fn a_change_of_a_role_is_for_the_version_it_names() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    make_role(&owner, "editor", "", &[]).await;
    let path = format!("{ROLES}/editor");
    patch(
        &owner,
        &path,
        &json!({ "metadata": { "version": 1 }, "spec": { "description": "new" } }),
    )
    .await
    .expect(200);
    let now = owner.get(&path).await;
    assert_eq!(now.header("etag"), "\"2\"");
    let now = now.expect(200);
    for method in [Method::PUT, Method::PATCH, Method::DELETE] {
        for stale in ["\"1\"", "\"3\"", "W/\"1\"", "\"1\", \"3\""] {
            send(&owner, method.clone(), stale)
                .await
                .expect_problem(412, "precondition_failed");
        }
        for garbage in ["2", "\"", "x"] {
            assert_eq!(
                wrong_fields(send(&owner, method.clone(), garbage).await),
                ["If-Match"],
                "{garbage}"
            );
        }
    }
    let stale = json!({ "metadata": { "version": 1 }, "spec": { "displayName": "Changed" } });
    owner.put(&path, &stale).await.expect_problem(409, "version_conflict");
    patch(&owner, &path, &stale)
        .await
        .expect_problem(409, "version_conflict");
    assert_eq!(owner.get(&path).await.expect(200), now, "nothing of it was written");

    send(&owner, Method::PUT, "\"1\", \"2\"").await.expect(200);
    send(&owner, Method::PATCH, "*").await.expect(200);
    // The second one found the name changed already.
    send(&owner, Method::DELETE, "\"3\"").await.expect(204);
}

#[tokio::test]
async fn one_of_parallel_changes_of_one_version_is_made() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    make_role(&owner, "editor", "", &[]).await;
    let path = format!("{ROLES}/editor");
    for round in 1..=10 {
        let bodies = [1, 2]
            .map(|n| json!({ "metadata": { "version": round }, "spec": { "displayName": format!("{round}.{n}") } }));
        let answers = join_all(bodies.iter().map(|body| owner.put(&path, body))).await;
        let (won, lost): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 200);
        assert_eq!((won.len(), lost.len()), (1, 1), "round {round}");
        for answer in lost {
            answer.expect_problem(409, "version_conflict");
        }
        let now = owner.get(&path).await.expect(200);
        assert_eq!(now["spec"], won[0].json()["spec"], "round {round}");
        assert_eq!(now["metadata"]["version"], round + 1);
    }
}

/// A caller who read the role before the other one was deleted must not write back what they read.
#[tokio::test]
async fn a_role_that_gets_another_parent_gets_another_version() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    make_role(&owner, "old", "", &[]).await;
    make_role(&owner, "child", "old", &[]).await;
    make_role(&owner, "stranger", "support", &[]).await;
    owner
        .delete(&format!("{ROLES}/old?replacement=auditor"))
        .await
        .expect(204);
    let child = owner.get(&format!("{ROLES}/child")).await;
    assert_eq!(child.header("etag"), "\"2\"", "{}", child.text);
    assert_eq!(child.expect(200)["spec"]["inherits"], json!(["auditor"]));
    let stranger = owner.get(&format!("{ROLES}/stranger")).await;
    assert_eq!(stranger.header("etag"), "\"1\"");
}
