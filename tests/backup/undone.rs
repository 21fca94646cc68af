//! Restores that were done, and undone.

use super::{
    download, instance, make, path, restore,
    restored::{contents as tables, furnished},
    send, upload,
};
use crate::support::{
    Person, Reply,
    roles::{CONSOLE, USERS, make_person},
};
use serde_json::{Value, json};

const RESTORATIONS: &str = "/apis/console/v1alpha1/restorations";
/// Does it, and lets people stay signed in.
const KEEP: [(&str, &str); 2] = [("dryRun", "false"), ("keepSessions", "true")];
const DAY: i64 = 24 * 3600;

async fn undo(who: &Person<'_>, restoration: &Value, keeps_sessions: bool) -> Reply {
    let name = restoration["metadata"]["name"].as_str().unwrap();
    let how = json!({ "keepSessions": keeps_sessions });
    who.post(&format!("{RESTORATIONS}/{name}/undo"), &how).await
}

async fn list(who: &Person<'_>, query: &str) -> Vec<Value> {
    let list = who.get(&format!("{RESTORATIONS}{query}")).await.expect(200);
    list["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn what_there_was_before_a_restore_comes_back_as_it_was() {
    let app = instance().await;
    let owner = furnished(&app).await;
    let ada = format!("{USERS}/ada");
    let secrets = format!("{CONSOLE}/applications/shop/secrets");
    owner.post(&format!("{ada}/disable"), &json!({})).await.expect(200);
    let file = download(&owner, &make(&owner, json!({})).await).await;

    owner.post(&format!("{ada}/enable"), &json!({})).await.expect(200);
    owner.delete(&format!("{USERS}/bob")).await.expect(204);
    make_person(&owner, "eve", "user").await;
    owner.post(&secrets, &json!({})).await.expect(200);
    upload(&owner).await;
    let before = tables(&app, &owner).await;
    let done = send(&owner, &KEEP, &file).await.expect(200);
    assert_ne!(tables(&app, &owner).await, before);
    assert_eq!(owner.get(&ada).await.expect(200)["user"]["spec"]["disabled"], true);

    let undone = undo(&owner, &done, true).await.expect(200);
    assert_eq!(undone["status"]["phase"], "UNDONE");
    assert_eq!(undone["status"]["undoneBy"], "admin");
    assert_eq!(tables(&app, &owner).await, before);
    let again = undo(&owner, &done, true).await;
    assert_eq!(again.problem(), (409, "restoration_not_undoable".to_owned()));
    let verified = owner.get(&format!("{CONSOLE}/audit-events/-/verification")).await;
    assert_eq!(verified.expect(200)["intact"], true);
}

#[tokio::test]
async fn everybody_signs_in_again_after_a_restore_is_undone() {
    let app = instance().await;
    let owner = app.tenant("acme").await.owner().await;
    let file = download(&owner, &make(&owner, json!({})).await).await;
    make_person(&owner, "eve", "user").await;
    let done = send(&owner, &[("dryRun", "false")], &file).await.expect(200);
    let owner = owner.tenant.sign_in("admin").await;
    undo(&owner, &done, false).await.expect(200);
    assert_eq!(owner.get(&format!("{USERS}/-")).await.status, 401);
    let owner = owner.tenant.sign_in("admin").await;
    owner.get(&format!("{USERS}/eve")).await.expect(200);
}

#[tokio::test]
async fn the_last_restore_alone_can_be_undone_and_for_seven_days() {
    let app = instance().await;
    let owner = app.tenant("acme").await.owner().await;
    let file = download(&owner, &make(&owner, json!({})).await).await;
    let first = send(&owner, &KEEP, &file).await.expect(200);
    let second = send(&owner, &KEEP, &file).await.expect(200);
    app.work().await;
    let refused = undo(&owner, &first, true).await;
    assert_eq!(refused.problem(), (409, "restoration_not_undoable".to_owned()));
    for (restoration, is_undoable) in [(&first, false), (&second, true)] {
        let name = restoration["metadata"]["name"].as_str().unwrap();
        let seen = owner.get(&format!("{RESTORATIONS}/{name}")).await.expect(200);
        assert_eq!(seen["status"]["undoUntil"].is_string(), is_undoable, "{seen}");
    }
    let kept = owner.get(&format!("{CONSOLE}/backups")).await.expect(200);
    let kept = kept["items"].as_array().unwrap().iter();
    let before: Vec<_> = kept.filter(|item| item["spec"]["beforeRestore"] == true).collect();
    assert_eq!(before.len(), 1, "that of the second one");
    assert_eq!(before[0]["metadata"]["name"], second["status"]["before"]);
    let name = before[0]["status"]["filename"].as_str().unwrap();
    assert!(name.starts_with("before-acme-"), "{name}");

    app.advance(7 * DAY + 60);
    app.work().await;
    let owner = owner.tenant.sign_in("admin").await;
    let late = undo(&owner, &second, true).await;
    assert_eq!(late.problem(), (409, "restoration_not_undoable".to_owned()));
    let kept = owner.get(&format!("{CONSOLE}/backups")).await.expect(200);
    assert_eq!(kept["total"], 1, "{kept}");
    let files = app.app.files.list("").await.unwrap();
    assert_eq!(files.iter().filter(|key| key.contains("/k/")).count(), 1, "{files:?}");
}

#[tokio::test]
async fn a_restore_whose_before_somebody_deleted_is_not_undone() {
    let app = instance().await;
    let owner = app.tenant("acme").await.owner().await;
    let file = download(&owner, &make(&owner, json!({})).await).await;
    let done = send(&owner, &KEEP, &file).await.expect(200);
    owner.delete(&path(&done["status"]["before"])).await.expect(204);
    let refused = undo(&owner, &done, true).await;
    assert_eq!(refused.problem(), (409, "restoration_not_undoable".to_owned()));
}

#[tokio::test]
async fn restores_are_listed_by_whom_from_which_file_and_what_became_of_them() {
    let app = instance().await;
    let owner = app.tenant("acme").await.owner().await;
    let backup = make(&owner, json!({})).await;
    let file = download(&owner, &backup).await;
    send(&owner, &[("dryRun", "true")], &file).await.expect(200);
    assert!(list(&owner, "").await.is_empty(), "nothing was to be done");
    let damaged = &file[..file.len() - 1];
    for (bytes, code) in [(b"PK".as_slice(), "not_a_backup"), (damaged, "backup_damaged")] {
        let refused = send(&owner, &KEEP, bytes).await;
        assert_eq!(refused.problem(), (400, code.to_owned()));
        let newest = &list(&owner, "").await[0];
        assert_eq!(newest["status"]["phase"], "FAILED");
        assert_eq!(newest["status"]["failureCode"], code);
        assert_eq!(newest["status"]["actor"], "admin");
        assert_eq!(newest["spec"], json!({ "dryRun": false, "filename": "a.tntb" }));
    }
    let done = send(&owner, &KEEP, &file).await.expect(200);
    assert_eq!(done["spec"]["backup"], backup["metadata"]["name"]);
    restore(&app, &file).await.unwrap();
    let owner = owner.tenant.sign_in("admin").await;
    let all = list(&owner, "").await;
    let phases: Vec<_> = all.iter().map(|item| &item["status"]["phase"]).collect();
    assert_eq!(phases, ["SUCCEEDED", "SUCCEEDED", "FAILED", "FAILED"]);
    assert!(all[0]["status"]["actor"].is_null(), "the operator has no name here");
    assert_eq!(list(&owner, "?fieldSelector=status.phase=FAILED").await.len(), 2);
}

#[tokio::test]
async fn only_who_may_do_everything_and_signed_in_lately_undoes_a_restore() {
    let app = instance().await;
    let owner = app.tenant("acme").await.owner().await;
    make_person(&owner, "keeper", "backup-manager").await;
    let file = download(&owner, &make(&owner, json!({})).await).await;
    let done = send(&owner, &KEEP, &file).await.expect(200);
    let manager = owner.tenant.sign_in("keeper").await;
    assert_eq!(list(&manager, "").await.len(), 1);
    assert_eq!(undo(&manager, &done, true).await.status, 403);
    app.advance(6 * 60);
    let late = undo(&owner, &done, true).await;
    assert_eq!(late.problem(), (403, "reauthentication_required".to_owned()));
}
