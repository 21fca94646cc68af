//! Imports as the console group has them.

use super::{IMPORTS, counts, import, path, rejections, rows, see, send, user, wrong};
use crate::support::{
    TestApp,
    roles::{CONSOLE, USERS, count_events, make_person},
};
use serde_json::json;

const FILE: (&str, &[u8]) = (
    "people.csv",
    b"name,email,displayName\nada,ada@example.test,Ada\nbob,not-an-address,Bob\neve,eve@example.test,\n",
);

#[tokio::test]
async fn a_file_is_imported_row_by_row_and_what_is_wrong_is_named() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let made = send(&owner, &[], FILE).await.expect(200);
    assert_eq!(made["kind"], "UserImport");
    assert_eq!(made["status"]["phase"], "PENDING");
    assert_eq!(made["spec"]["filename"], "people.csv");
    assert_eq!(made["spec"]["format"], "csv");
    assert_eq!(made["spec"]["size"], json!(FILE.1.len()));
    app.work().await;
    let done = see(&owner, &made).await;
    assert_eq!(done["status"]["phase"], "SUCCEEDED", "{done}");
    assert_eq!(done["status"]["rows"], 3);
    assert_eq!(counts(&done), [2, 0, 1]);
    assert_eq!(rejections(&owner, &done).await, [wrong(3, "email", "format")]);
    assert_eq!(user(&owner, "ada").await["user"]["spec"]["displayName"], "Ada");
    // Nobody asked for mail.
    assert!(app.default_tenant().mail_to("ada@example.test").await.is_empty());
    let kept = app.app.files.list("").await.unwrap();
    assert!(!kept.iter().any(|key| key.contains("/i/")), "{kept:?}");
}

#[tokio::test]
async fn a_dry_run_says_what_would_be_and_changes_nothing() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let file =
        b"name,email,emailVerified\nada,ada@example.test,true\nADA,ada@example.test,true\nada,other@example.test,\n\
                 eve,ada@example.test,\nzoe,zoe@example.test,\n";
    let tried = import(&owner, &[("dryRun", "true")], ("a.csv", file)).await;
    assert_eq!(tried["status"]["phase"], "SUCCEEDED", "{tried}");
    let users = owner.get(USERS).await.expect(200);
    assert_eq!(users["total"], 1, "the owner alone");
    let done = import(&owner, &[], ("a.csv", file)).await;
    assert_eq!(counts(&tried), [2, 1, 2]);
    assert_eq!(counts(&done), counts(&tried));
    let expected = [wrong(4, "name", "user_name_taken"), wrong(5, "email", "email_taken")];
    assert_eq!(rejections(&owner, &tried).await, expected);
    assert_eq!(rejections(&owner, &done).await, expected);
}

#[tokio::test]
async fn a_dry_run_of_many_rows_remembers_the_first_of_them() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let mut file = format!("name,email\n{}", rows("user", 1_200));
    file += "user-0,another@example.test\nuser-1,user-1@example.test\n";
    let file = ("a.csv", file.as_bytes());
    let tried = import(&owner, &[("dryRun", "true")], file).await;
    assert_eq!(counts(&tried), [1_200, 1, 1], "{tried}");
    let done = import(&owner, &[], file).await;
    assert_eq!(counts(&done), [1_200, 1, 1], "{done}");
    let keys = app.count("select count(*) from user_import_key").await;
    assert_eq!(keys, 0, "what a dry run remembers goes with its end");
}

#[tokio::test]
async fn the_same_file_again_changes_nobody() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let hash = |rest: &str| format!("name,email,passwordHash,displayName\n{rest}");
    let first = hash("ada,ada@example.test,,Ada\n");
    import(&owner, &[], ("a.csv", first.as_bytes())).await;
    let before = user(&owner, "ada").await;
    // A hash of a file never takes an account over that is there.
    let second = hash(&format!("Ada,ADA@example.test,{},Somebody else\n", super::BCRYPT));
    let again = import(&owner, &[], ("a.csv", second.as_bytes())).await;
    assert_eq!(counts(&again), [0, 1, 0]);
    assert_eq!(user(&owner, "ada").await, before);
    assert!(!super::signs_in(&owner, "ada", super::PASSPHRASE).await);
    let admin = import(&owner, &[], ("a.csv", b"name,email\nadmin,thief@example.test\n")).await;
    assert_eq!(counts(&admin), [0, 0, 1]);
    assert_eq!(rejections(&owner, &admin).await, [wrong(2, "name", "user_name_taken")]);
}

#[tokio::test]
async fn one_import_is_done_at_a_time_and_one_that_is_deleted_is_given_up() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let made = send(&owner, &[], FILE).await.expect(200);
    send(&owner, &[], FILE).await.expect_problem(409, "user_import_running");
    owner.delete(&path(&made)).await.expect(204);
    app.work().await;
    owner
        .get(&path(&made))
        .await
        .expect_problem(404, "user_import_not_found");
    assert_eq!(owner.get(USERS).await.expect(200)["total"], 1);
    let kept = app.app.files.list("").await.unwrap();
    assert!(!kept.iter().any(|key| key.contains("/i/")), "{kept:?}");
    assert_eq!(counts(&import(&owner, &[], FILE).await), [2, 0, 1]);
}

#[tokio::test]
async fn the_trail_has_who_imported_whom() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let before = count_events(&owner).await;
    let done = import(&owner, &[], FILE).await;
    assert_eq!(count_events(&owner).await, before + 2, "it was asked for, and done");
    let events = owner.get(&format!("{CONSOLE}/audit-events?size=1")).await.expect(200);
    let event = &events["items"][0];
    assert_eq!(event["actor"], "admin", "{event}");
    assert_eq!(event["action"], "user-imports:create");
    assert_eq!(event["object"], done["metadata"]["name"]);
    let changed = event["changes"].to_string();
    assert!(changed.contains("\"ada\"") && changed.contains("\"eve\""), "{changed}");
    let verified = owner.get(&format!("{CONSOLE}/audit-events/-/verification")).await;
    assert_eq!(verified.status, 200, "{}", verified.text);
}

#[tokio::test]
async fn who_may_look_after_users_imports_and_exports_them_and_others_do_not() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let manager = make_person(&owner, "manager", "user-manager").await;
    assert_eq!(counts(&import(&manager, &[], FILE).await), [2, 0, 1]);
    assert_eq!(manager.get(super::EXPORTS).await.status, 200);
    let hashes = format!("{}/hashes", super::EXPORTS);
    manager.get(&hashes).await.expect_problem(403, "forbidden");
    let support = make_person(&owner, "helper", "support").await;
    send(&support, &[], FILE).await.expect_problem(403, "forbidden");
    support.get(IMPORTS).await.expect_problem(403, "forbidden");
    support.get(super::EXPORTS).await.expect_problem(403, "forbidden");
}
