//! A store that does not do what it should.

use super::{
    Place, decide, file, in_both, is_exact, kept, long_text, path, place, room, seen, send, upload, upload_text,
};
use crate::support::{TestApp, free_port, roles::CONSOLE, s3};
use serde_json::json;
use tenantry::tenant;

in_both!(
    content_that_is_gone_is_said_to_be_unavailable,
    a_tenant_that_is_removed_takes_its_files_along_and_nobody_elses,
);

async fn content_that_is_gone_is_said_to_be_unavailable(at: &Place) {
    let app = at.app().await;
    let owner = app.default_tenant().owner().await;
    let made = upload_text(&owner, "one").await;
    let tenant = app.app.find_tenant("default").await.unwrap().unwrap().id;
    let key = tenantry::kit::blob::Key::of_content(tenant, made["status"]["sha256"].as_str().unwrap());
    assert_eq!(super::stored(&app, &key, 3).await, b"one");
    app.app.files.delete(&key).await.unwrap();
    owner
        .get(&format!("{}/content", path(&made)))
        .await
        .expect_problem(503, "files_unavailable");
    // What is known of it is known, and it can be removed.
    owner.get(&path(&made)).await.expect(200);
    owner.delete(&path(&made)).await.expect(204);
    app.advance(25 * 3600);
    app.work().await;
    assert_eq!(room(&app).await, (0, [0, 0, 0]));
}

async fn a_tenant_that_is_removed_takes_its_files_along_and_nobody_elses(at: &Place) {
    let app = at.app().await;
    let mut ids = vec![];
    for name in ["acme", "other"] {
        let owner = app.tenant(name).await.owner().await;
        for n in 0..3 {
            upload_text(&owner, &format!("{n} of {name}")).await;
        }
        ids.push(app.app.find_tenant(name).await.unwrap().unwrap().id);
    }
    let files = &*app.app.files;
    let kept = async |n: usize| files.list(&ids[n].to_string()).await.unwrap().len();
    assert_eq!((kept(0).await, kept(1).await), (3, 3));
    assert!(tenant::remove(&app.app.services.db, files, "acme").await.unwrap());
    assert_eq!((kept(0).await, kept(1).await), (0, 3));
    files.clear(ids[0]).await.unwrap();
}

#[tokio::test]
async fn while_a_bucket_is_away_nothing_but_files_is_concerned() {
    let nowhere = format!("http://127.0.0.1:{}", free_port());
    let app = TestApp::start_with(|config| {
        config.files_url = Some(s3::address(&nowhere));
        config.files_access_key_id = Some("key".to_owned());
        config.files_secret_access_key = Some("hush".to_owned());
    })
    .await;
    let owner = app.default_tenant().owner().await;
    for text in ["short".to_owned(), long_text(6 << 20)] {
        let away = upload(&owner, "a.txt", "text/plain", text.as_bytes()).await;
        assert_eq!(away.header("retry-after"), "5");
        away.expect_problem(503, "files_unavailable");
    }
    assert_eq!(room(&app).await.0, 0, "the room is given back");
    owner.get(&format!("{CONSOLE}/attachments")).await.expect(200);
    owner.tenant.sign_in("admin").await;
    let mut app = app;
    app.abandon_jobs();
}

#[tokio::test]
async fn a_folder_that_is_no_folder_any_more_is_said_to_be_unavailable() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let folder = app.app.config.data_dir.join("files");
    std::fs::remove_dir_all(&folder).unwrap();
    std::fs::write(&folder, "in the way").unwrap();
    upload(&owner, "a.txt", "text/plain", b"x")
        .await
        .expect_problem(503, "files_unavailable");
    assert_eq!(room(&app).await.0, 0);

    std::fs::remove_file(&folder).unwrap();
    std::fs::create_dir(&folder).unwrap();
    app.work().await;
    let made = upload_text(&owner, "two").await;
    assert_eq!(seen(&owner, &place(&owner, &made), &[]).await.2, b"two");
    is_exact(&app).await;
}

#[tokio::test]
async fn a_bucket_takes_the_same_content_from_many_at_once() {
    let at = Place::bucket().await;
    let app = at.app().await;
    let owner = app.default_tenant().owner().await;
    decide(&owner, &json!({ "maxTotalBytes": 1_u64 << 30 })).await;
    let text = long_text(6 << 20);
    let parts = [file("a.txt", "text/plain", text.as_bytes())];
    let uploads = (0..8).map(|_| send(&owner, &parts));
    for answer in futures_util::future::join_all(uploads).await {
        answer.expect(200);
    }
    is_exact(&app).await;
    assert_eq!(kept(&app).await.len(), 1);
    assert_eq!(app.count("select cast(uses as bigint) from blob").await, 8);
}
