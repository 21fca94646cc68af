//! Acts on many users as the console group has them.

use super::{BATCHES, counts, names, path, refused, run, see, send, why};
use crate::{
    support::{
        TestApp,
        roles::{USERS, count_events, make_person, make_user},
    },
    user_import::rows,
};
use serde_json::json;

#[tokio::test]
async fn a_dry_run_says_what_would_be_and_changes_nothing() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let manager = make_person(&owner, "manager", "user-manager").await;
    make_user(&owner, "ada", "").await;
    let before = count_events(&owner).await;
    let tried = run(&manager, json!({ "act": "delete", "dryRun": true, "filter": {} })).await;
    assert_eq!(counts(&tried), [1, 0, 2, 0], "{tried}");
    assert_eq!(names(&owner, "").await, ["ada", "admin", "manager"]);
    assert_eq!(count_events(&owner).await, before + 2, "it was asked for, and ended");
    assert_eq!(owner.get(USERS).await.expect(200)["total"], 3, "nobody is counted away");
    let done = run(&manager, json!({ "act": "delete", "filter": {} })).await;
    assert_eq!(counts(&done), counts(&tried));
    assert_eq!(refused(&owner, &done).await, refused(&owner, &tried).await);
}

#[tokio::test]
async fn an_act_on_more_than_one_step_comes_to_everybody() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let rows = rows("many", 250);
    let body = format!(
        "--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\nname,email\n{rows}\r\n--XX--\r\n"
    );
    let request = owner.request(reqwest::Method::POST, "/apis/console/v1alpha1/user-imports");
    let request = request.header("content-type", "multipart/form-data; boundary=XX");
    owner.send(request.body(body)).await.expect(200);
    app.work().await;
    let done = run(&owner, json!({ "act": "disable", "filter": { "keyword": "many" } })).await;
    assert_eq!(counts(&done), [250, 0, 0, 0], "{done}");
    let left = app.count("select count(*) from user_batch_item").await;
    assert_eq!(left, 0, "what is done is not kept");
    let gone = run(&owner, json!({ "act": "delete", "filter": { "keyword": "many" } })).await;
    assert_eq!(counts(&gone), [250, 0, 0, 0], "{gone}");
    assert_eq!(owner.get(USERS).await.expect(200)["total"], 1);
}

#[tokio::test]
async fn one_is_done_at_a_time_and_one_that_is_deleted_is_given_up() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    make_user(&owner, "ada", "").await;
    let asked = json!({ "act": "delete", "names": ["ada"] });
    let made = send(&owner, asked.clone()).await.expect(200);
    send(&owner, asked.clone())
        .await
        .expect_problem(409, "user_batch_running");
    owner.delete(&path(&made)).await.expect(204);
    app.work().await;
    owner
        .get(&path(&made))
        .await
        .expect_problem(404, "user_batch_not_found");
    assert_eq!(names(&owner, "").await, ["ada", "admin"]);
    assert_eq!(counts(&run(&owner, asked).await), [1, 0, 0, 0]);
}

#[tokio::test]
async fn one_that_is_stopped_says_what_was_done_and_does_no_more() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    make_user(&owner, "ada", "").await;
    let asked = json!({ "act": "delete", "names": ["ada", "zoe"] });
    let made = send(&owner, asked).await.expect(200);
    let cancel = format!("{}/cancel", path(&made));
    let stopped = owner.post(&cancel, &json!({})).await.expect(200);
    assert_eq!(stopped["status"]["phase"], "CANCELLED", "{stopped}");
    assert_eq!(counts(&stopped), [0, 0, 1, 1], "one name was nobody's");
    assert_eq!(owner.post(&cancel, &json!({})).await.expect(200), stopped);
    app.work().await;
    assert_eq!(see(&owner, &made).await, stopped);
    assert_eq!(refused(&owner, &made).await, [why("zoe", "user_not_found")]);
    assert_eq!(names(&owner, "").await, ["ada", "admin"]);
    let again = run(&owner, json!({ "act": "delete", "names": ["ada"] })).await;
    assert_eq!(counts(&again), [1, 0, 0, 0], "another may be done now: {again}");
}

#[tokio::test]
async fn who_may_not_act_on_many_neither_begins_nor_sees_it() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let made = run(&owner, json!({ "act": "enable", "filter": {} })).await;
    let support = make_person(&owner, "helper", "support").await;
    send(&support, json!({ "act": "end-sessions", "filter": {} }))
        .await
        .expect_problem(403, "forbidden");
    for path in [BATCHES.to_owned(), path(&made), format!("{}/rejections", path(&made))] {
        support.get(&path).await.expect_problem(403, "forbidden");
    }
    let manager = make_person(&owner, "manager", "user-manager").await;
    assert_eq!(see(&manager, &made).await, made);
    assert_eq!(manager.get(BATCHES).await.expect(200)["total"], 1);
}

#[tokio::test]
async fn an_act_of_one_tenant_touches_nobody_of_another() {
    let app = TestApp::start().await;
    let (a, b) = (app.tenant("a").await, app.tenant("b").await);
    let (owner, stranger) = (a.owner().await, b.owner().await);
    make_user(&owner, "ada", "").await;
    make_user(&stranger, "ada", "").await;
    let done = run(&owner, json!({ "act": "delete", "names": ["ada"] })).await;
    assert_eq!(counts(&done), [1, 0, 0, 0], "{done}");
    assert!(names(&stranger, "").await.contains(&"ada".to_owned()));
    stranger
        .get(&path(&done))
        .await
        .expect_problem(404, "user_batch_not_found");
    assert_eq!(stranger.get(BATCHES).await.expect(200)["total"], 0);
}

#[tokio::test]
async fn the_last_fifty_are_kept() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let first = run(&owner, json!({ "act": "enable", "names": ["admin"] })).await;
    for _ in 0..50 {
        app.advance(1);
        run(&owner, json!({ "act": "enable", "names": ["admin"] })).await;
    }
    assert_eq!(owner.get(BATCHES).await.expect(200)["total"], 50);
    owner
        .get(&path(&first))
        .await
        .expect_problem(404, "user_batch_not_found");
}
