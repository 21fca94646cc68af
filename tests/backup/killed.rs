//! `kill -9` in the middle of a restore: there is what there was or what comes, and nothing in between.

use super::form;
use crate::support::{
    PASSWORD, client,
    database::Database,
    program::Program,
    roles::{CONSOLE, USERS},
};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use std::{
    path::Path,
    time::{Duration, Instant},
};

const ROWS: usize = 2_000;
const FORM: &str = "multipart/form-data; boundary=XX";

/// How far a restore is when the server is killed.
#[derive(Clone, Copy, Debug)]
enum Point {
    /// It is asked for.
    Asked,
    /// Its file is being read into tables of its own.
    Read,
    /// What there is is about to be kept.
    Announced,
    /// It is being kept.
    Kept,
    /// The restore is done.
    Done,
}

/// What can be seen of it from outside.
#[derive(Clone, Copy, Debug)]
struct Seen {
    rooms: usize,
    announced: i64,
    kept: usize,
    done: i64,
}

impl Seen {
    async fn of(database: &Database, rooms: &Path) -> Self {
        let announced = "select count(*) from job where kind = 'remove-backup'";
        Self {
            rooms: std::fs::read_dir(rooms).unwrap().count(),
            announced: database.count_in_tenant(announced).await,
            kept: files_in_backups(&database.directory().join("files")),
            done: database.count_in_tenant("select count(*) from restoration").await,
        }
    }

    fn is_at(self, point: Point, before: Self) -> bool {
        match point {
            Point::Asked => true,
            Point::Read => self.rooms > before.rooms,
            Point::Announced => self.announced > before.announced,
            Point::Kept => self.kept > before.kept,
            Point::Done => self.done > before.done,
        }
    }
}

/// Files of backups in the store, those that are being written among them.
fn files_in_backups(store: &Path) -> usize {
    let tenants = std::fs::read_dir(store).unwrap();
    let backups = tenants.map(|tenant| tenant.unwrap().path().join("k"));
    backups
        .filter_map(|folder| std::fs::read_dir(folder).ok())
        .map(Iterator::count)
        .sum()
}

/// A server, and its owner.
struct Here {
    program: Program,
    token: String,
}

impl Here {
    async fn start(database: &Database, rooms: &Path) -> Self {
        let program = Program::start(database, &[("TMPDIR", rooms.to_str().unwrap())]);
        let token = program.owner_token().await;
        Self { program, token }
    }

    fn ask(&self, method: Method, path: &str) -> RequestBuilder {
        let address = format!("{}{path}", self.program.base);
        client().request(method, address).bearer_auth(&self.token)
    }

    async fn get(&self, path: &str) -> Value {
        let reply = self.ask(Method::GET, path).send().await.unwrap();
        reply.json().await.unwrap()
    }

    async fn post(&self, path: &str, body: &Value) -> Value {
        let reply = self.ask(Method::POST, path).json(body).send().await.unwrap();
        assert_eq!(reply.status(), 200, "{path}");
        reply.json().await.unwrap()
    }

    async fn has(&self, user: &str) -> bool {
        let reply = self.ask(Method::GET, &format!("{USERS}/{user}")).send().await.unwrap();
        reply.status() == 200
    }

    /// Waits until the newest of these is done.
    async fn settle(&self, path: &str) -> Value {
        let begun = Instant::now();
        loop {
            let newest = self.get(path).await["items"][0].clone();
            if newest["status"]["phase"] == "SUCCEEDED" {
                return newest;
            }
            assert!(begun.elapsed() < Duration::from_mins(5), "{newest}");
            tokio::task::yield_now().await;
        }
    }

    /// Fills the tenant, has a backup made, and changes who is there. Answers the name of the backup.
    async fn furnish(&self) -> String {
        let users = (0..ROWS).map(|number| format!("user-{number},user-{number}@example.test\n"));
        let users: String = users.collect();
        let head = "--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\nname,email\n";
        let imports = format!("{CONSOLE}/user-imports");
        let import = self.ask(Method::POST, &imports).header("content-type", FORM);
        let import = import.body(format!("{head}{users}\r\n--XX--\r\n"));
        assert_eq!(import.send().await.unwrap().status(), 200);
        self.settle(&imports).await;
        let backups = format!("{CONSOLE}/backups");
        self.post(&backups, &json!({})).await;
        let backup = self.settle(&backups).await;
        let gone = self.ask(Method::DELETE, &format!("{USERS}/user-0"));
        assert_eq!(gone.send().await.unwrap().status(), 204);
        let late = json!({ "name": "late", "email": "late@example.test", "password": PASSWORD });
        self.post(USERS, &late).await;
        backup["metadata"]["name"].as_str().unwrap().to_owned()
    }

    fn restore(&self, backup: &str) -> RequestBuilder {
        let form = form(&[("backupName", backup), ("dryRun", "false")]);
        let request = self.ask(Method::POST, &format!("{CONSOLE}/restorations"));
        request.header("content-type", FORM).body(form)
    }

    /// Whether the restore was done: all of it, or nothing.
    async fn is_restored(&self, point: Point) -> bool {
        let (old, new) = (self.has("late").await, self.has("user-0").await);
        assert_ne!(old, new, "{point:?}");
        let users = self.get(USERS).await;
        assert_eq!(users["total"], json!(ROWS + 1), "{point:?}");
        let verified = self.get(&format!("{CONSOLE}/audit-events/-/verification")).await;
        assert_eq!(verified["intact"], true, "{point:?}: {verified}");
        new
    }

    async fn undo_newest(&self) {
        let newest = self.settle(&format!("{CONSOLE}/restorations")).await;
        let name = newest["metadata"]["name"].as_str().unwrap();
        let undo = format!("{CONSOLE}/restorations/{name}/undo");
        self.post(&undo, &json!({ "keepSessions": true })).await;
        assert!(self.has("late").await && !self.has("user-0").await);
    }
}

#[tokio::test]
async fn a_server_that_is_killed_in_the_middle_of_a_restore_has_what_there_was_or_what_comes() {
    let database = Database::create().await;
    let rooms = database.directory().join("rooms");
    std::fs::create_dir(&rooms).unwrap();
    let mut here = Here::start(&database, &rooms).await;
    let backup = here.furnish().await;
    for point in [Point::Asked, Point::Read, Point::Announced, Point::Kept, Point::Done] {
        let before = Seen::of(&database, &rooms).await;
        let asked = tokio::spawn(here.restore(&backup).send());
        while !asked.is_finished() && !Seen::of(&database, &rooms).await.is_at(point, before) {
            tokio::task::yield_now().await;
        }
        here.program.kill();
        // Nobody is told what became of it.
        drop(here);
        drop(asked.await);

        here = Here::start(&database, &rooms).await;
        let is_done = Seen::of(&database, &rooms).await.done > before.done;
        assert_eq!(here.is_restored(point).await, is_done, "{point:?}");
        if is_done {
            here.undo_newest().await;
        }
    }
    // Nothing that was left behind is in the way.
    assert_eq!(here.restore(&backup).send().await.unwrap().status(), 200);
    let here = Here {
        token: here.program.owner_token().await,
        ..here
    };
    assert!(here.is_restored(Point::Done).await);
}
