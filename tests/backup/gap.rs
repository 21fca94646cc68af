//! `kill -9` between the contents of a restore and its rows.

use super::{contents, download, instance, make, reading, restore, send, upload};
use crate::support::{TestApp, roles::CONSOLE};
use serde_json::json;
use tenantry::account::{How, Restoring};

/// A tenant with a file that was deleted, and a backup from before.
async fn without_its_file(app: &TestApp) -> Vec<u8> {
    let owner = app.default_tenant().owner().await;
    let made = upload(&owner).await;
    let backup = make(&owner, json!({})).await;
    let file = download(&owner, &backup).await;
    let name = made["metadata"]["name"].as_str().unwrap();
    owner.delete(&format!("{CONSOLE}/attachments/{name}")).await.expect(204);
    a_day_later(app).await;
    assert_eq!(contents(app).await, [""; 0], "its time is over");
    file
}

async fn a_day_later(app: &TestApp) {
    app.advance(25 * 3600);
    app.work().await;
}

#[tokio::test]
async fn contents_that_a_server_left_before_their_rows_are_swept() {
    let app = instance().await;
    let file = without_its_file(&app).await;
    let restoring = Restoring::read(&app.app.services, &*app.app.files, &[], reading(&file), How::default()).await;
    let put = restoring.unwrap().put_contents(reading(&file)).await.unwrap();
    assert_eq!(put.put, 1);
    // Here it dies.
    assert_eq!(contents(&app).await.len(), 1);
    app.work().await;
    assert_eq!(contents(&app).await.len(), 1, "another may be at it");
    a_day_later(&app).await;
    assert_eq!(contents(&app).await, [""; 0]);
    assert_eq!(app.count("select count(*) from upload").await, 0);
}

#[tokio::test]
async fn contents_that_got_their_rows_stay() {
    let app = instance().await;
    let file = without_its_file(&app).await;
    restore(&app, &file).await.unwrap();
    assert_eq!(app.count("select count(*) from upload").await, 0);
    a_day_later(&app).await;
    assert_eq!(contents(&app).await.len(), 1);
}

#[tokio::test]
async fn contents_of_a_tenant_that_was_not_finished_are_announced_once_more() {
    let (here, there) = (instance().await, instance().await);
    let owner = here.tenant("acme").await.owner().await;
    upload(&owner).await;
    let file = download(&owner, &make(&owner, json!({})).await).await;
    for part in [file.len() / 2, file.len()] {
        let restored = {
            let read = Restoring::read(
                &there.app.services,
                &*there.app.files,
                &[],
                reading(&file),
                How::default(),
            )
            .await;
            read.unwrap().put(reading(&file[..part])).await
        };
        assert_eq!(restored.is_ok(), part == file.len(), "{restored:?}");
    }
    assert_eq!(contents(&there).await.len(), 1);
}

#[tokio::test]
async fn what_is_just_being_removed_is_not_restored_into() {
    let app = instance().await;
    let owner = app.default_tenant().owner().await;
    upload(&owner).await;
    let file = download(&owner, &make(&owner, json!({})).await).await;
    app.execute("insert into blob_removal (sha256, since, begun) select sha256, created_at, true from blob")
        .await;
    let busy = send(&owner, &[("dryRun", "false")], &file).await;
    assert_eq!(busy.problem(), (503, "busy".to_owned()));
    app.execute("delete from blob_removal").await;
    send(&owner, &[("dryRun", "false")], &file).await.expect(200);
}
