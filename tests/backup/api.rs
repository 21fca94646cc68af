//! Backups as the console group has them.

use super::{check, contents, download, file_of, form, instance, make, path, send, upload};
use crate::support::{
    Person,
    roles::{CONSOLE, USERS, count_events, make_person},
};
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn a_backup_is_made_listed_downloaded_in_parts_and_deleted() {
    let app = instance().await;
    let owner = app.default_tenant().owner().await;
    let backup = make(&owner, json!({})).await;
    assert_eq!(backup["status"]["phase"], "SUCCEEDED", "{backup}");
    assert_eq!(
        backup["spec"],
        json!({ "format": "tenantry", "includeFiles": true, "scheduled": false, "beforeRestore": false })
    );
    let name = backup["status"]["filename"].as_str().unwrap();
    let at = name
        .strip_prefix("default-")
        .and_then(|rest| rest.strip_suffix(".tntb"));
    assert!(at.is_some(), "{name}");

    let file = download(&owner, &backup).await;
    assert_eq!(
        file.len(),
        usize::try_from(backup["status"]["size"].as_u64().unwrap()).unwrap()
    );
    let checked = check(&app, &file).await.unwrap();
    assert_eq!(checked.begin.audit_head, backup["status"]["auditHead"]);
    let rows: u64 = checked.manifest.tables.iter().map(|table| table.rows).sum();
    assert_eq!(rows, backup["status"]["rows"].as_u64().unwrap());

    let part = owner
        .request(Method::GET, &file_of(&backup))
        .header("range", "bytes=8-15");
    let part = part.send().await.unwrap();
    assert_eq!(part.status(), 206);
    let range = part.headers()["content-range"].to_str().unwrap().to_owned();
    assert_eq!(range, format!("bytes 8-15/{}", file.len()));
    assert_eq!(part.bytes().await.unwrap(), file[8..16]);

    let files = owner.get(&format!("{CONSOLE}/backup-files")).await.expect(200);
    assert_eq!(files[0]["filename"], backup["status"]["filename"]);
    assert_eq!(files[0]["size"], backup["status"]["size"]);
    let halo = "/apis/console.api.migration.halo.run/v1alpha1";
    assert_eq!(owner.get(&format!("{halo}/backup-files")).await.expect(200), files);
    let of_halo = file_of(&backup).replace(CONSOLE, halo);
    assert_eq!(owner.request(Method::GET, &of_halo).send().await.unwrap().status(), 200);

    owner.delete(&path(&backup["metadata"]["name"])).await.expect(204);
    app.work().await;
    let gone = owner.get(&path(&backup["metadata"]["name"])).await;
    assert_eq!(gone.problem(), (404, "backup_not_found".to_owned()));
    let kept = app.app.files.list("").await.unwrap();
    assert!(!kept.iter().any(|key| key.contains("/k/")), "{kept:?}");
}

#[tokio::test]
async fn one_is_made_at_a_time_and_nothing_is_downloaded_before_it_is_there() {
    let app = instance().await;
    let owner = app.default_tenant().owner().await;
    let create = async || owner.post(&format!("{CONSOLE}/backups"), &json!({})).await;
    let backup = create().await.expect(200);
    assert_eq!(backup["status"]["phase"], "PENDING");
    assert_eq!(create().await.problem(), (409, "backup_running".to_owned()));
    let early = owner.get(&file_of(&backup)).await;
    assert_eq!(early.problem(), (400, "backup_not_ready".to_owned()));
    app.work().await;
    owner.request(Method::GET, &file_of(&backup)).send().await.unwrap();
    // One that nobody wants any more leaves nothing.
    let other = create().await.expect(200);
    owner.delete(&path(&other["metadata"]["name"])).await.expect(204);
    app.work().await;
    let files = owner.get(&format!("{CONSOLE}/backup-files")).await.expect(200);
    assert_eq!(files.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn only_who_may_do_everything_and_signed_in_lately_downloads() {
    let app = instance().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let manager = make_person(&owner, "keeper", "backup-manager").await;
    let backup = make(&manager, json!({})).await;
    let denied = manager.get(&file_of(&backup)).await;
    assert_eq!(denied.problem().0, 403, "{}", denied.text);

    let before = count_events(&owner).await;
    download(&owner, &backup).await;
    assert_eq!(count_events(&owner).await, before + 1, "each download is in the trail");

    app.advance(6 * 60);
    let late = owner.get(&file_of(&backup)).await;
    assert_eq!(late.problem(), (403, "reauthentication_required".to_owned()));
    let again = tenant.sign_in("admin").await;
    download(&again, &backup).await;
}

#[tokio::test]
async fn a_backup_whose_time_is_over_goes_with_its_file() {
    let app = instance().await;
    let owner = app.default_tenant().owner().await;
    let past = json!({ "spec": { "expiresAt": "2001-01-01T00:00:00Z" } });
    let refused = owner.post(&format!("{CONSOLE}/backups"), &past).await;
    assert_eq!(refused.problem().0, 400, "{}", refused.text);
    let until = app.clock.now() + chrono::TimeDelta::hours(1);
    make(&owner, json!({ "expiresAt": until.to_rfc3339() })).await;
    app.advance(3601);
    app.work().await;
    let owner = app.default_tenant().owner().await;
    let list = owner.get(&format!("{CONSOLE}/backups")).await.expect(200);
    assert_eq!(list["total"], 0, "{list}");
    let kept = app.app.files.list("").await.unwrap();
    assert!(!kept.iter().any(|key| key.contains("/k/")), "{kept:?}");
}

#[tokio::test]
async fn a_trail_that_somebody_changed_is_not_backed_up() {
    let app = instance().await;
    let owner = app.default_tenant().owner().await;
    app.execute("update audit_event set object = 'somebody else' where sequence = 1")
        .await;
    let backup = make(&owner, json!({})).await;
    assert_ne!(backup["status"]["phase"], "SUCCEEDED", "{backup}");
    app.advance(60);
    app.work().await;
    let owner = app.default_tenant().owner().await;
    let backup = owner.get(&path(&backup["metadata"]["name"])).await.expect(200);
    assert_eq!(backup["status"]["phase"], "FAILED", "{backup}");
    assert_eq!(backup["status"]["failureReason"], "SystemError");
}

#[tokio::test]
async fn what_a_restore_would_do_is_told_before_it_is_done() {
    let app = instance().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    make_person(&owner, "bob", "support").await;
    let backup = make(&owner, json!({})).await;
    let name = backup["metadata"]["name"].as_str().unwrap();
    owner.delete(&format!("{USERS}/bob")).await.expect(204);
    make_person(&owner, "eve", "user").await;

    let restore = async |who: &Person<'_>, path: &str, texts: &[(&str, &str)]| {
        let request = who.request(Method::POST, path);
        let request = request.header("content-type", "multipart/form-data; boundary=XX");
        who.send(request.body(form(texts))).await
    };
    let ours = format!("{CONSOLE}/restorations");
    let told = restore(&owner, &ours, &[("backupName", name)]).await.expect(200);
    assert_eq!(told["status"]["phase"], "REPORTED");
    let report = &told["status"]["report"];
    assert_eq!(report["usersAdded"], json!({ "names": ["bob"], "count": 1 }));
    assert_eq!(report["usersRemoved"], json!({ "names": ["eve"], "count": 1 }));
    assert_eq!(report["gainers"]["names"], json!(["bob"]));
    assert_eq!(owner.get(&format!("{USERS}/eve")).await.status, 200, "nothing was done");

    let manager = make_person(&owner, "keeper", "backup-manager").await;
    let denied = restore(&manager, &ours, &[("backupName", name)]).await;
    assert_eq!(denied.problem().0, 403, "{}", denied.text);
    let nothing = restore(&owner, &ours, &[("dryRun", "true")]).await;
    assert_eq!(nothing.problem().0, 400, "{}", nothing.text);
    let strange = restore(&owner, &ours, &[("backupName", "bak_0")]).await;
    assert_eq!(strange.problem(), (404, "backup_not_found".to_owned()));

    let file = backup["status"]["filename"].as_str().unwrap();
    let halo = "/apis/console.api.migration.halo.run/v1alpha1/restorations";
    let done = restore(&owner, halo, &[("filename", file)]).await;
    assert_eq!(
        (done.status.as_u16(), done.text.as_str()),
        (200, "Restored successfully!")
    );
    assert_eq!(
        owner.get(&format!("{USERS}/-")).await.status,
        401,
        "everybody signs in again"
    );
    let again = tenant.sign_in("admin").await;
    assert_eq!(again.get(&format!("{USERS}/bob")).await.status, 200);
    assert_eq!(again.get(&format!("{USERS}/eve")).await.status, 404);
    // What the server keeps of backups is no part of what it put back; what there was before is beside it.
    let list = again.get(&format!("{CONSOLE}/backups")).await.expect(200);
    assert_eq!(list["total"], 2);
}

#[tokio::test]
async fn whoever_is_signed_in_stays_so_where_that_is_asked_for() {
    let app = instance().await;
    let owner = app.tenant("acme").await.owner().await;
    let ada = make_person(&owner, "ada", "user").await;
    let file = download(&owner, &make(&owner, json!({})).await).await;
    let eve = make_person(&owner, "eve", "user").await;
    let later = owner.tenant.sign_in("ada").await;
    let keep = [("dryRun", "false"), ("keepSessions", "true")];
    let wrong = send(&owner, &[("keepSessions", "yes")], &file).await;
    assert_eq!(wrong.problem().0, 400, "{}", wrong.text);
    send(&owner, &keep, &file).await.expect(200);

    let own = format!("{USERS}/-");
    for stays in [&owner, &ada, &later] {
        stays.get(&own).await.expect(200);
        let refresh = json!({ "refreshToken": stays.tokens["refreshToken"] });
        owner.tenant.anybody().post("/v1/refresh", &refresh).await.expect(200);
    }
    assert_eq!(eve.get(&own).await.status, 401, "the file has nobody of that name");
    let verified = owner.get(&format!("{CONSOLE}/audit-events/-/verification")).await;
    assert_eq!(verified.expect(200)["intact"], true);
}

#[tokio::test]
async fn a_file_that_is_sent_is_read_before_anything_else() {
    let app = instance().await;
    let owner = app.default_tenant().owner().await;
    let backup = make(&owner, json!({})).await;
    let file = download(&owner, &backup).await;
    let mut damaged = file.clone();
    damaged[file.len() / 2] ^= 1;
    let cut = &file[..file.len() - 9];
    let codes = [
        (&file[..], 200, ""),
        (&damaged[..], 400, "backup_damaged"),
        (cut, 400, "backup_damaged"),
        (b"PK\x03\x04 something else", 400, "not_a_backup"),
    ];
    for (bytes, status, code) in codes {
        let reply = send(&owner, &[], bytes).await;
        assert_eq!(reply.status, status, "{code}: {}", reply.text);
        if status != 200 {
            assert_eq!(reply.problem().1, code);
        }
    }
}

#[tokio::test]
async fn a_file_of_another_tenant_is_refused_and_nothing_of_it_is_kept() {
    let app = instance().await;
    let (theirs, owner) = (app.tenant("a").await.owner().await, app.tenant("b").await.owner().await);
    upload(&theirs).await;
    let file = download(&theirs, &make(&theirs, json!({})).await).await;
    for key in contents(&app).await {
        let path = app.app.config.data_dir.join("files").join(key);
        std::fs::remove_file(path).unwrap();
    }
    let restore = async |who: &Person<'_>| send(who, &[("dryRun", "false")], &file).await;
    let refused = restore(&owner).await;
    assert_eq!(refused.problem(), (409, "backup_of_another_past".to_owned()));
    assert_eq!(contents(&app).await, [""; 0]);
    restore(&theirs).await.expect(200);
    assert_eq!(contents(&app).await.len(), 1, "whose it is has it back");
}
