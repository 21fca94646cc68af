//! Pictures are content of the store: they take room, are shared, and go when nobody has them.

use super::{ME, USERS, avatar, file, picture, send, set_own};
use crate::support::{Person, TestApp, roles::CONSOLE};
use image::{DynamicImage, ImageFormat};
use reqwest::Method;
use serde_json::json;
use tenantry::{
    context::Operator,
    kit::{
        clock::Clock,
        db::{self, Tx},
        id::AvatarId,
    },
    user::{self, entity::avatar as stored},
};

/// Bytes that are taken, and the contents that the store has.
async fn room(app: &TestApp) -> (i64, usize) {
    let used = app
        .count("select value from counter where name = 'attachmentBytes'")
        .await;
    (used, app.app.files.list("").await.unwrap().len())
}

/// The bytes that are answered at a path.
async fn bytes_at(who: &Person<'_>, path: &str) -> Vec<u8> {
    let answer = who.request(Method::GET, path).send().await.unwrap();
    assert_eq!(answer.status(), 200, "{path}");
    answer.bytes().await.unwrap().to_vec()
}

#[tokio::test]
async fn a_picture_takes_room_and_gives_it_back_a_day_after_it_is_gone() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    assert_eq!(room(&app).await, (0, 0));
    let me = set_own(&owner, "image/png", &picture(ImageFormat::Png))
        .await
        .expect(200);
    let path = avatar(&owner, &me).unwrap();
    let length = i64::try_from(bytes_at(&owner, &path).await.len()).unwrap();
    assert_eq!(room(&app).await, (length, 1));
    // The same again is the same content.
    set_own(&owner, "image/png", &picture(ImageFormat::Png))
        .await
        .expect(200);
    assert_eq!(room(&app).await, (length, 1));

    owner.delete(&format!("{ME}/avatar")).await.expect(200);
    app.advance(25 * 3600);
    app.work().await;
    assert_eq!(room(&app).await, (0, 0));
}

#[tokio::test]
async fn users_share_the_content_of_a_picture_and_each_can_go() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let png = picture(ImageFormat::Png);
    let mut paths = vec![];
    for name in ["ada", "bob"] {
        let new = json!({ "name": name, "email": format!("{name}@example.org") });
        owner.post(USERS, &new).await.expect(200);
        let made = send(&owner, &format!("{USERS}/{name}/avatar"), &[file("image/png", &png)]).await;
        paths.push(avatar(&owner, &made.expect(200)).unwrap());
    }
    assert_eq!(room(&app).await.1, 1);
    owner.delete(&format!("{USERS}/ada")).await.expect(204);
    app.advance(25 * 3600);
    app.work().await;
    let owner = owner.tenant.owner().await;
    owner.get(&paths[0]).await.expect_problem(404, "avatar_not_found");
    assert_eq!(owner.get(&paths[1]).await.status, 200);
    assert_eq!(room(&app).await.1, 1);
    owner.delete(&format!("{USERS}/bob")).await.expect(204);
    app.advance(25 * 3600);
    app.work().await;
    assert_eq!(room(&app).await, (0, 0));
}

#[tokio::test]
async fn a_picture_for_which_there_is_no_room_is_refused_and_the_old_one_stays() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let me = set_own(&owner, "image/png", &picture(ImageFormat::Png))
        .await
        .expect(200);
    let (path, before) = (avatar(&owner, &me).unwrap(), room(&app).await);
    let policy = format!("{CONSOLE}/policies/attachments");
    let mut spec = owner.get(&policy).await.expect(200)["spec"].take();
    spec["maxTotalBytes"] = json!(before.0 + 1);
    owner.put(&policy, &json!({ "spec": spec })).await.expect(200);
    let other = DynamicImage::new_rgb8(9, 9);
    let mut bytes = std::io::Cursor::new(vec![]);
    other.write_to(&mut bytes, ImageFormat::Png).unwrap();
    set_own(&owner, "image/png", bytes.get_ref())
        .await
        .expect_problem(409, "quota_exceeded");
    assert_eq!(owner.get(&path).await.status, 200);
    assert_eq!(room(&app).await, before);
}

#[tokio::test]
async fn while_the_store_is_away_pictures_are_and_nothing_else() {
    let mut app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let me = set_own(&owner, "image/png", &picture(ImageFormat::Png))
        .await
        .expect(200);
    let path = avatar(&owner, &me).unwrap();
    let folder = app.app.config.data_dir.join("files");
    std::fs::remove_dir_all(&folder).unwrap();
    std::fs::write(&folder, "in the way").unwrap();
    owner.get(&path).await.expect_problem(503, "files_unavailable");
    let away = set_own(&owner, "image/webp", &picture(ImageFormat::WebP)).await;
    away.expect_problem(503, "files_unavailable");
    let me = owner.get(ME).await.expect(200);
    assert_eq!(avatar(&owner, &me["user"]).as_ref(), Some(&path));
    owner.tenant.sign_in("admin").await;
    app.abandon_jobs();
}

#[tokio::test]
async fn pictures_that_the_database_has_are_seen_and_moved_into_the_store() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let tenant = app.app.find_tenant("default").await.unwrap().unwrap().id;
    let operator = Operator::new(&app.app.services, tenant);
    let mut paths = vec![];
    for number in 0..25_u8 {
        let name = format!("user-{number}");
        let new = json!({ "name": name, "email": format!("{name}@example.org") });
        owner.post(USERS, &new).await.expect(200);
        // Two of them are alike.
        let png = vec![number.max(1); 100];
        let id = AvatarId::new(Clock::default().now());
        let add = async |tx: &Tx| {
            let user = user::get(tx, &name.parse().unwrap()).await?.user.id;
            let row = stored::Model {
                id,
                user_id: user,
                png: png.clone(),
                created_at: tx.now,
            };
            db::insert(tx, row).await?;
            user::move_pictures(tx).await
        };
        operator.write("", "", add).await.unwrap();
        paths.push((format!("{CONSOLE}/avatars/{id}"), png.clone()));
    }
    for (path, png) in &paths {
        assert_eq!(bytes_at(&owner, path).await, *png, "before");
    }
    assert_eq!(room(&app).await, (0, 0));
    app.work().await;
    assert_eq!(app.count("select count(*) from avatar").await, 0);
    assert_eq!(app.count("select count(*) from picture").await, 25);
    assert_eq!(room(&app).await, (2400, 24));
    for (path, png) in &paths {
        assert_eq!(bytes_at(&owner, path).await, *png, "after");
    }
}
