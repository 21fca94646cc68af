//! A disk that fills up, and has room again: nothing acknowledged is lost, nothing refused is kept.

use crate::support::{
    PASSWORD, client,
    database::{Database, is_postgres},
    program::{Program, run},
};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    io::Write,
    path::Path,
    process::{Command, Stdio},
};

/// A small volume over a directory, for as long as it lives.
struct Volume<'a>(&'a Path);

impl<'a> Volume<'a> {
    /// None if this machine lets only root do it.
    fn mount(directory: &'a Path, size: &str) -> Option<Self> {
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"]);
        let status = mount.arg(directory).stderr(Stdio::null()).status();
        status.is_ok_and(|status| status.success()).then_some(Self(directory))
    }

    /// Takes all the room there is.
    fn fill(&self) {
        let mut filler = std::fs::File::create(self.0.join("filler")).unwrap();
        for size in [1 << 16, 1 << 12, 1] {
            while filler.write_all(&vec![b'x'; size]).is_ok() {}
        }
    }

    fn make_room(&self) {
        std::fs::remove_file(self.0.join("filler")).unwrap();
    }
}

impl Drop for Volume<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").args(["--lazy"]).arg(self.0).status();
    }
}

/// The first owner at a running server.
struct Owner {
    base: String,
    token: String,
    http: reqwest::Client,
}

impl Owner {
    async fn of(program: &Program) -> Self {
        Self {
            base: program.base.clone(),
            token: program.owner_token().await,
            http: client(),
        }
    }

    async fn send(&self, method: Method, path: &str, body: Option<Value>) -> (StatusCode, Value) {
        let request = self.http.request(method, format!("{}{path}", self.base));
        let request = request.bearer_auth(&self.token);
        let request = match body {
            Some(body) => request.json(&body),
            None => request,
        };
        let answer = request.send().await.unwrap();
        let status = answer.status();
        if status == StatusCode::SERVICE_UNAVAILABLE {
            assert!(answer.headers().contains_key("retry-after"), "{answer:?}");
        }
        (status, answer.json().await.unwrap_or_default())
    }

    /// Whether this was done; otherwise it was refused since there is no room.
    async fn does(&self, method: Method, path: &str, body: Option<Value>) -> bool {
        match self.send(method, path, body).await {
            (StatusCode::OK | StatusCode::NO_CONTENT, _) => true,
            (status, body) => {
                assert_eq!(
                    (status.as_u16(), &body["code"]),
                    (503, &json!("storage_full")),
                    "{body}"
                );
                false
            }
        }
    }

    async fn creates(&self, name: &str) -> bool {
        let new = json!({ "name": name, "email": format!("{name}@example.com"), "displayName": name });
        self.does(Method::POST, "/apis/console/v1alpha1/users", Some(new)).await
    }

    /// Creates users of these names until five were refused, and answers the names of those that were made.
    async fn creates_until_refused(&self, names: &str) -> BTreeSet<String> {
        let (mut made, mut refused) = (BTreeSet::new(), 0);
        for n in 0..2_000 {
            let name = format!("{names}-{n}");
            match self.creates(&name).await {
                true => drop(made.insert(name)),
                false => refused += 1,
            }
            if refused == 5 {
                return made;
            }
        }
        panic!("there is always room");
    }

    async fn deletes(&self, name: &str) -> bool {
        let path = format!("/apis/console/v1alpha1/users/{name}");
        self.does(Method::DELETE, &path, None).await
    }

    /// The users, without the owner.
    async fn users(&self) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        for page in 1.. {
            let path = format!("/apis/console/v1alpha1/users?size=200&page={page}");
            let (status, list) = self.send(Method::GET, &path, None).await;
            assert_eq!(status, 200, "{list}");
            let users = list["items"].as_array().unwrap().iter();
            names.extend(users.map(|item| item["user"]["metadata"]["name"].as_str().unwrap().to_owned()));
            if list["hasNext"] != json!(true) {
                break;
            }
        }
        names.remove("admin");
        names
    }

    async fn readiness(&self) -> (StatusCode, Value) {
        let (status, body) = self.send(Method::GET, "/readyz", None).await;
        (status, body["code"].clone())
    }
}

/// Whether a refresh token still works.
async fn refreshes(base: &str, token: &Value) -> bool {
    let request = client().post(format!("{base}/v1/refresh"));
    let answer = request.json(&json!({ "refreshToken": token })).send().await.unwrap();
    match answer.status().as_u16() {
        200 => true,
        401 => false,
        status => panic!("{status}: {}", answer.text().await.unwrap()),
    }
}

#[tokio::test]
async fn a_full_disk_loses_nothing_that_was_acknowledged_and_ends_by_itself() {
    if is_postgres() {
        return;
    }
    let mut database = Database::create().await;
    let directory = database.directory().to_owned();
    let Some(volume) = Volume::mount(&directory, "24m") else {
        return;
    };
    let program = Program::start(&database, &[]);
    let owner = Owner::of(&program).await;
    let mut there = BTreeSet::new();
    for n in 0..10 {
        there.insert(format!("before-{n}"));
        assert!(owner.creates(&format!("before-{n}")).await);
    }
    let given = json!({ "username": "admin", "password": PASSWORD });
    let (_, session) = owner.send(Method::POST, "/v1/login", Some(given)).await;

    // What fits into the files as they are goes through; the rest is refused.
    volume.fill();
    assert_eq!(
        owner.readiness().await,
        (StatusCode::SERVICE_UNAVAILABLE, json!("storage_full"))
    );
    let doctor = run(&database, &["doctor"], "");
    let said = String::from_utf8_lossy(&doctor.stdout).into_owned();
    assert!(!doctor.status.success() && said.contains("no room"), "{said}");
    there.extend(owner.creates_until_refused("full").await);
    if owner.deletes("before-0").await {
        there.remove("before-0");
    }
    assert_eq!(owner.users().await, there, "what was refused is not there");

    volume.make_room();
    assert_eq!(owner.readiness().await, (StatusCode::OK, Value::Null));
    for n in 0..20 {
        let name = format!("after-{n}");
        assert!(owner.creates(&name).await);
        there.insert(name);
    }
    assert!(owner.deletes("before-1").await);
    there.remove("before-1");
    let sign_out = json!({ "refreshToken": session["refreshToken"] });
    assert!(owner.does(Method::POST, "/v1/logout", Some(sign_out)).await);

    program.kill();
    drop(program);
    let program = Program::start(&database, &[]);
    let owner = Owner::of(&program).await;
    assert_eq!(
        owner.users().await,
        there,
        "everything acknowledged, and nothing else, is in the file"
    );
    assert!(
        !refreshes(&program.base, &session["refreshToken"]).await,
        "who signed out stays out"
    );
    let verified = run(&database, &["audit", "verify"], "");
    assert!(verified.status.success(), "{verified:?}");
    drop((program, volume));
    // The directory below the volume is empty.
    database.jobs_may_be_left = true;
    database.end();
}

#[tokio::test]
async fn a_tenant_at_its_limit_is_refused_more_and_harms_nobody_else() {
    if is_postgres() {
        return;
    }
    let mut database = Database::create().await;
    let made = run(
        &database,
        &[
            "tenant",
            "create",
            "acme",
            "--owner-email",
            "a@acme.example",
            "--password-stdin",
        ],
        PASSWORD,
    );
    assert!(made.status.success(), "{made:?}");
    let program = Program::start(&database, &[("TENANTRY_TENANT_FILE_LIMIT", "1")]);
    let owner = Owner::of(&program).await;
    let mut there = owner.creates_until_refused("user").await;
    assert_eq!(
        owner.readiness().await.0,
        StatusCode::OK,
        "a tenant's limit is no illness of the server"
    );
    let other = Owner {
        base: format!("{}/t/acme", program.base),
        ..Owner::of(&program).await
    };
    let given = json!({ "username": "admin", "password": PASSWORD });
    let (_, tokens) = other.send(Method::POST, "/v1/login", Some(given)).await;
    let token = tokens["accessToken"].as_str().unwrap().to_owned();
    let other = Owner { token, ..other };
    assert!(other.creates("somebody").await);

    let (ended_well, log) = program.terminate();
    assert!(ended_well, "{log}");
    let program = Program::start(&database, &[("TENANTRY_TENANT_FILE_LIMIT", "2")]);
    let owner = Owner::of(&program).await;
    assert!(owner.creates("with-a-higher-limit").await);
    there.insert("with-a-higher-limit".to_owned());
    assert_eq!(
        owner.users().await,
        there,
        "everything acknowledged, and nothing else, is in the file"
    );
    drop(program);
    assert_eq!(database.end(), 0);
}
