//! `kill -9` between any two steps of an upload and of a removal: what is left is swept, and the room is exact.

use super::{Place, in_both, is_exact, kept, long_text, path, room, upload_text};
use crate::support::{PASSWORD, TestApp, database::Database, program::Program};
use bytes::Bytes;
use tenantry::{
    context::Operator,
    kit::{
        blob::{Hash, Key, PART},
        db::Tx,
        id::{TenantId, UploadId},
    },
};

in_both!(
    an_upload_that_died_at_any_step_is_swept,
    a_removal_that_died_at_any_step_is_done,
    what_comes_back_in_time_stays,
);

/// A server as it dies in the middle of uploads: what each did so far stays, and nobody goes on.
struct Dying<'a> {
    app: &'a TestApp,
    tenant: TenantId,
}

impl<'a> Dying<'a> {
    async fn of(app: &'a TestApp) -> Self {
        let tenant = app.app.find_tenant("default").await.unwrap().unwrap().id;
        Self { app, tenant }
    }

    /// Reserves room.
    async fn reserve(&self) -> UploadId {
        let reserve = async |tx: &Tx| tenantry::content::reserve(tx, 1000, 1 << 30).await;
        self.write(reserve).await
    }

    async fn announce(&self, upload: UploadId, content: &str) {
        let sha256 = Hash::of(content.as_bytes());
        self.write(async |tx: &Tx| tenantry::content::announce(tx, upload, &sha256).await)
            .await;
    }

    async fn write<T>(&self, act: impl AsyncFnOnce(&Tx) -> tenantry::kit::error::Result<T>) -> T {
        let operator = Operator::new(&self.app.app.services, self.tenant);
        operator.write("", "", act).await.unwrap()
    }

    fn key(&self, content: &str) -> Key {
        Key::of_content(self.tenant, &Hash::of(content.as_bytes()))
    }

    async fn put(&self, content: &str) {
        let bytes = Bytes::from(content.to_owned());
        self.app.app.files.put_new(&self.key(content), bytes).await.unwrap();
    }
}

async fn an_upload_that_died_at_any_step_is_swept(at: &Place) {
    let app = at.app().await;
    let owner = app.default_tenant().owner().await;
    upload_text(&owner, "stays").await;
    let dying = Dying::of(&app).await;
    let files = &app.app.files;
    // After the room was reserved.
    dying.reserve().await;
    // While parts are written; a folder has what was written so far.
    let writing = dying.reserve().await;
    let mut writer = files.write(&Key::of_upload(dying.tenant, writing)).await.unwrap();
    writer.write(Bytes::from(vec![b'x'; PART])).await.unwrap();
    std::mem::forget(writer);
    // When all parts are there.
    let written = dying.reserve().await;
    let mut writer = files.write(&Key::of_upload(dying.tenant, written)).await.unwrap();
    writer.write(Bytes::from_static(b"all of it")).await.unwrap();
    writer.finish().await.unwrap();
    // Before and after the content has its place; also of content that a file has already.
    let announced = dying.reserve().await;
    dying.announce(announced, "announced").await;
    let placed = dying.reserve().await;
    dying.announce(placed, "placed").await;
    dying.put("placed").await;
    let again = dying.reserve().await;
    dying.announce(again, "stays").await;
    dying.put("stays").await;

    assert_eq!(room(&app).await.0, 6005);
    // Not before its time.
    app.advance(23 * 3600);
    app.work().await;
    assert_eq!(room(&app).await, (6005, [1, 6, 0]));
    app.advance(2 * 3600);
    app.work().await;
    assert_eq!(room(&app).await, (5, [1, 0, 0]));
    is_exact(&app).await;
    assert_eq!(kept(&app).await.len(), 1);
    assert_eq!(files_in(&app), usize::from(matches!(at, Place::Folder)));
}

/// How many files are in the folder of files, those included that are being written.
fn files_in(app: &TestApp) -> usize {
    let (mut folders, mut found) = (vec![app.app.config.data_dir.join("files")], 0);
    while let Some(folder) = folders.pop() {
        for entry in folder.read_dir().into_iter().flatten() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false => found += 1,
            }
        }
    }
    found
}

async fn a_removal_that_died_at_any_step_is_done(at: &Place) {
    let app = at.app().await;
    let owner = app.default_tenant().owner().await;
    let made = upload_text(&owner, "goes").await;
    owner.delete(&path(&made)).await.expect(204);
    // It is free when it is gone.
    assert_eq!(room(&app).await, (4, [1, 0, 0]));
    // The row went, and the server died before the content did.
    app.execute("update counter set value = 0 where name = 'attachmentBytes'")
        .await;
    app.execute("insert into blob_removal (sha256, since) select sha256, created_at from blob")
        .await;
    app.execute("delete from blob").await;
    assert_eq!(kept(&app).await.len(), 1);
    app.advance(25 * 3600);
    app.work().await;
    assert_eq!(room(&app).await, (0, [0, 0, 0]));
    assert_eq!(kept(&app).await, [""; 0]);
    // The content went, and the server died before it was written down.
    let owner = owner.tenant.owner().await;
    upload_text(&owner, "goes").await;
    is_exact(&app).await;
}

async fn what_comes_back_in_time_stays(at: &Place) {
    let app = at.app().await;
    let owner = app.default_tenant().owner().await;
    let first = upload_text(&owner, "same").await;
    owner.delete(&path(&first)).await.expect(204);
    app.advance(23 * 3600);
    let owner = owner.tenant.owner().await;
    upload_text(&owner, "same").await;
    app.advance(2 * 3600);
    app.work().await;
    is_exact(&app).await;
    assert_eq!(room(&app).await, (4, [1, 0, 0]));

    // What is on its way keeps content from going, and what is going waits for nobody.
    let owner = owner.tenant.owner().await;
    let gone = upload_text(&owner, "other").await;
    owner.delete(&path(&gone)).await.expect(204);
    let dying = Dying::of(&app).await;
    app.advance(23 * 3600);
    let coming = dying.reserve().await;
    dying.announce(coming, "other").await;
    app.advance(2 * 3600);
    app.work().await;
    assert_eq!(kept(&app).await.len(), 2);
    let owner = owner.tenant.owner().await;
    let going = "insert into blob_removal (sha256, since, begun) select sha256, created_at";
    // Nobody has begun to remove it: that is called off.
    app.execute(&format!("{going}, false from blob")).await;
    upload_text(&owner, "same").await;
    assert_eq!(room(&app).await.1[2], 1, "but not of the other one");
    app.execute("delete from blob_removal").await;
    app.execute(&format!("{going}, true from blob")).await;
    let busy = super::upload(&owner, "a.txt", "text/plain", b"same").await;
    busy.expect_problem(503, "busy");
    app.execute("delete from blob_removal").await;
    let mut app = app;
    app.abandon_jobs();
}

#[tokio::test]
async fn a_server_that_is_killed_while_a_file_comes_keeps_nothing_of_it_but_a_row() {
    use tokio::{io::AsyncWriteExt, net::TcpStream};
    let mut database = Database::create().await;
    let program = Program::start(&database, &[]);
    let login = serde_json::json!({ "username": "admin", "password": PASSWORD });
    let sign_in = async |base: &str| {
        let answer = crate::support::client()
            .post(format!("{base}/v1/login"))
            .json(&login)
            .send()
            .await;
        let tokens: serde_json::Value = answer.unwrap().json().await.unwrap();
        tokens["accessToken"].as_str().unwrap().to_owned()
    };
    let token = sign_in(&program.base).await;
    let address = program.base.strip_prefix("http://").unwrap().to_owned();
    let whole = super::form(&[super::file("a.txt", "text/plain", long_text(12 << 20).as_bytes())]);
    let mut socket = TcpStream::connect(&address).await.unwrap();
    let head = format!(
        "POST /apis/console/v1alpha1/attachments/upload HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: multipart/form-data; boundary=XX\r\nContent-Length: {}\r\n\r\n",
        whole.len()
    );
    socket.write_all(head.as_bytes()).await.unwrap();
    socket.write_all(&whole[..8 << 20]).await.unwrap();
    let started = "select count(*) from upload";
    while database.count_in_tenant(started).await == 0 {
        tokio::task::yield_now().await;
    }
    program.kill();
    drop((program, socket));

    let program = Program::start(&database, &[]);
    let token = sign_in(&program.base).await;
    let usage = async || {
        let path = format!("{}/apis/console/v1alpha1/attachments/-/usage", program.base);
        let answer = crate::support::client().get(path).bearer_auth(&token).send().await;
        let usage: serde_json::Value = answer.unwrap().json().await.unwrap();
        usage["usedBytes"].as_u64().unwrap()
    };
    assert!(usage().await > 12 << 20, "the room is still reserved");
    assert_eq!(database.count_in_tenant(started).await, 1);
    assert_eq!(database.count_in_tenant("select count(*) from blob").await, 0);
    drop(program);
    assert_eq!(database.end(), 0);
}
