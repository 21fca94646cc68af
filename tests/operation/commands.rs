//! The commands of the program.

use crate::support::{
    PASSWORD, client,
    database::{Database, is_postgres},
    program::{Program, run},
};
use serde_json::{Value, json};

async fn sign_in(base: &str, password: &str) -> u16 {
    let given = json!({ "username": "admin", "password": password });
    client()
        .post(format!("{base}/v1/login"))
        .json(&given)
        .send()
        .await
        .unwrap()
        .status()
        .as_u16()
}

#[tokio::test]
async fn the_audit_trail_is_checked_by_a_command() {
    let mut database = Database::create().await;
    let program = Program::start(&database, &[]);
    assert_eq!(sign_in(&program.base, PASSWORD).await, 200);
    let verify = |arguments: &[&str]| {
        let done = run(&database, &[&["audit", "verify"], arguments].concat(), "");
        (
            done.status.success(),
            String::from_utf8_lossy(&done.stdout).into_owned(),
        )
    };
    let (intact, said) = verify(&[]);
    assert!(
        intact && said.starts_with("default ") && said.contains("intact; 2:"),
        "{said}"
    );
    let head = said.split_whitespace().last().unwrap().to_owned();
    assert_eq!(sign_in(&program.base, PASSWORD).await, 200);

    let (still, said) = verify(&["--tenant", "default", "--head", &head]);
    assert!(still && said.contains("intact; 3:"), "{said}");
    let other = head.replace("2:", "1:");
    let (has_it, said) = verify(&["--tenant", "default", "--head", &other]);
    assert!(!has_it && said.contains("BROKEN"), "{said}");
    assert!(!verify(&["--tenant", "nobody"]).0);
    drop(program);
    database.end();
}

#[tokio::test]
async fn a_policy_that_keeps_everybody_out_is_put_back_by_a_command() {
    let mut database = Database::create().await;
    let program = Program::start(&database, &[]);
    let put = client()
        .put(format!("{}/apis/console/v1alpha1/policies/captcha", program.base))
        .bearer_auth(program.owner_token().await)
        .json(&json!({ "spec": {
            "provider": "turnstile", "siteKey": "1x00000000000000000000AA",
            "secret": "1x0000000000000000000000000000000AA", "required": { "signIn": "always" },
        } }));
    assert_eq!(put.send().await.unwrap().status(), 200);
    assert_eq!(sign_in(&program.base, PASSWORD).await, 400, "a CAPTCHA is asked for");
    let reset = |policy: &str| run(&database, &["tenant", "reset-policy", "default", policy], "");
    assert!(reset("captcha").status.success());
    assert_eq!(sign_in(&program.base, PASSWORD).await, 200);
    assert!(!reset("captcha").status.success(), "it is as by default already");
    let unknown = reset("no-such-policy");
    assert!(!unknown.status.success());
    let said = String::from_utf8_lossy(&unknown.stderr).into_owned();
    assert!(said.contains("sign-up") && said.contains("password"), "{said}");
    drop(program);
    database.end();
}

#[tokio::test]
async fn a_tenant_made_beside_a_running_server_answers_at_once() {
    let mut database = Database::create().await;
    let program = Program::start(&database, &[]);
    let acme = format!("{}/t/acme", program.base);
    assert_eq!(sign_in(&acme, PASSWORD).await, 404);

    let arguments = [
        "tenant",
        "create",
        "acme",
        "--owner-email",
        "owner@acme.test",
        "--password-stdin",
    ];
    let made = run(&database, &arguments, "a password for acme\n");
    assert!(made.status.success(), "{made:?}");
    assert_eq!(sign_in(&acme, "a password for acme").await, 200);
    assert_eq!(sign_in(&acme, PASSWORD).await, 401, "not the default tenant's owner");
    assert_eq!(sign_in(&program.base, PASSWORD).await, 200);
    let by_host = client()
        .post(format!("{}/v1/login", program.base))
        .header("host", "acme.127.0.0.1")
        .json(&json!({ "username": "admin", "password": "a password for acme" }));
    assert_eq!(by_host.send().await.unwrap().status(), 200);

    let again = run(&database, &arguments, "another password\n");
    assert!(!again.status.success());
    assert!(String::from_utf8_lossy(&again.stderr).contains("there is a tenant acme already"));
    let list = run(&database, &["tenant", "list"], "");
    let list = String::from_utf8_lossy(&list.stdout).into_owned();
    assert!(list.starts_with("NAME"), "{list}");
    assert!(
        list.contains("acme") && list.contains("default") && list.contains("active"),
        "{list}"
    );
    drop(program);
    database.end();
}

#[tokio::test]
async fn a_suspended_tenant_is_told_so_and_comes_back_whole() {
    let mut database = Database::create().await;
    let program = Program::start(&database, &[]);
    let acme = format!("{}/t/acme", program.base);
    let create = [
        "tenant",
        "create",
        "acme",
        "--owner-email",
        "owner@acme.test",
        "--password-stdin",
    ];
    assert!(run(&database, &create, &format!("{PASSWORD}\n")).status.success());

    assert!(run(&database, &["tenant", "suspend", "acme"], "").status.success());
    let given = json!({ "username": "admin", "password": PASSWORD });
    let answer = client()
        .post(format!("{acme}/v1/login"))
        .json(&given)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 403);
    // In the form of the group.
    let said = answer.json::<Value>().await.unwrap();
    assert_eq!(said["details"][0]["reason"], "TENANT_SUSPENDED", "{said}");
    let answer = client().get(format!("{acme}/apis/console/v1alpha1/tenant")).send();
    let answer = answer.await.unwrap();
    assert_eq!(answer.status(), 403);
    assert_eq!(answer.json::<Value>().await.unwrap()["code"], "tenant_suspended");
    assert!(run(&database, &["tenant", "resume", "acme"], "").status.success());
    assert_eq!(sign_in(&acme, PASSWORD).await, 200);

    assert!(!run(&database, &["tenant", "suspend", "default"], "").status.success());
    assert!(!run(&database, &["tenant", "suspend", "nobody"], "").status.success());
    drop(program);
    database.end();
}

#[tokio::test]
async fn a_deleted_tenant_is_gone_with_all_it_owned() {
    let mut database = Database::create().await;
    let create = [
        "tenant",
        "create",
        "acme",
        "--owner-email",
        "owner@acme.test",
        "--password-stdin",
    ];
    let files =
        |database: &Database| std::fs::read_dir(database.directory().join("tenants")).map_or(0, Iterator::count);
    assert!(run(&database, &create, &format!("{PASSWORD}\n")).status.success());
    assert_eq!(files(&database) > 0, !is_postgres());

    let unsure = run(&database, &["tenant", "delete", "acme"], "");
    assert!(!unsure.status.success() && String::from_utf8_lossy(&unsure.stderr).contains("--yes"));
    assert!(
        run(&database, &["tenant", "delete", "acme", "--yes"], "")
            .status
            .success()
    );

    assert_eq!(files(&database), 0);
    assert!(!database.dump().await.contains("owner@acme.test"));
    assert!(
        !run(&database, &["tenant", "delete", "acme", "--yes"], "")
            .status
            .success()
    );
    // Old links and tokens lead to the name.
    let again = run(&database, &create, &format!("{PASSWORD}\n"));
    assert!(!again.status.success() && String::from_utf8_lossy(&again.stderr).contains("in the last 90 days"));
    database.end();
}

#[tokio::test]
async fn quotas_are_shown_and_set_by_a_command_and_hold_at_once() {
    let mut database = Database::create().await;
    let create = [
        "tenant",
        "create",
        "acme",
        "--owner-email",
        "owner@acme.test",
        "--password-stdin",
    ];
    assert!(run(&database, &create, &format!("{PASSWORD}\n")).status.success());
    let program = Program::start(&database, &[]);
    let acme = format!("{}/t/acme", program.base);
    let set = run(&database, &["tenant", "quotas", "acme", "users=1", "roles=5"], "");
    let shown = String::from_utf8(set.stdout).unwrap();
    let words = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let lines: Vec<_> = shown.lines().map(words).collect();
    assert!(
        lines.contains(&words("users 1 1")) && lines.contains(&words("roles 5 0")),
        "{shown}"
    );
    let sign_up = async |name: &str| {
        let new = json!({ "username": name, "email": format!("{name}@acme.test"), "password": PASSWORD });
        let answer = client().post(format!("{acme}/v1/register")).json(&new).send().await;
        answer.unwrap().status().as_u16()
    };
    assert_eq!(sign_up("ada").await, 409);
    let lifted = run(&database, &["tenant", "quotas", "acme", "users="], "");
    assert!(
        String::from_utf8(lifted.stdout)
            .unwrap()
            .lines()
            .any(|line| words(line) == words("users - 1"))
    );
    assert_eq!(sign_up("ada").await, 200);
    for wrong in ["sheep=1", "users=many", "users"] {
        let refused = run(&database, &["tenant", "quotas", "acme", wrong], "");
        assert!(!refused.status.success(), "{wrong}");
    }
    drop(program);
    database.jobs_may_be_left = true;
    database.end();
}

#[tokio::test]
async fn names_and_passwords_an_operator_gives_are_checked() {
    let mut database = Database::create().await;
    for (name, email, password, why) in [
        (
            "Acme",
            "owner@acme.test",
            PASSWORD,
            "the name of the tenant must have 1 to 40",
        ),
        ("acme", "owner", PASSWORD, "the address of the first owner must be"),
        (
            "acme",
            "owner@acme.test",
            "short",
            "the password of the first owner must have at least 15 characters and is too easy",
        ),
    ] {
        let arguments = ["tenant", "create", name, "--owner-email", email, "--password-stdin"];
        let refused = run(&database, &arguments, password);
        assert!(!refused.status.success());
        assert!(String::from_utf8_lossy(&refused.stderr).contains(why), "{refused:?}");
    }
    assert!(run(&database, &["tenant", "list"], "").stdout.is_empty());
    database.end();
}

#[tokio::test]
async fn a_configuration_that_is_wrong_is_refused_with_the_key() {
    let mut database = Database::create().await;
    let file = database.directory().join("tenantry.toml");
    for (line, why) in [
        ("colour = \"red\"", "unknown field `colour`"),
        ("open_tenants = -1", "in `open_tenants`"),
        ("database_wait = 0", "database_wait must be from 1 to 30 seconds"),
        ("database_wait = 31", "database_wait must be from 1 to 30 seconds"),
        ("database_wait = 70_000", "in `database_wait`"),
        (
            "mail_instance_per_day = 0",
            "mail_instance_per_day must be from 1 to 1000000 messages",
        ),
        ("mail_shared = \"maybe\"", "in `mail_shared`"),
        ("smtp_ports = [70000]", "in `smtp_ports`"),
        ("bounce_domain = \"a b\"", "bounce_domain must be a domain"),
        (
            "public_url = \"ftp://example.com\"",
            "public_url must be an http or https URL",
        ),
    ] {
        std::fs::write(&file, line).unwrap();
        let refused = run(&database, &["--config", file.to_str().unwrap(), "tenant", "list"], "");
        assert!(!refused.status.success());
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(said.contains(why), "{line}: {said}");
    }
    std::fs::write(&file, "log = \"debug\"\n").unwrap();
    assert!(
        run(&database, &["--config", file.to_str().unwrap(), "tenant", "list"], "")
            .status
            .success()
    );
    database.end();
}

#[tokio::test]
async fn the_doctor_says_what_to_mend() {
    let mut database = Database::create().await;
    let well = run(&database, &["doctor"], "");
    let report = String::from_utf8_lossy(&well.stdout).into_owned();
    assert!(well.status.success() && !report.contains("MEND"), "{report}");

    let file = database.directory().join("tenantry.toml");
    std::fs::write(
        &file,
        "smtp_url = \"smtp://127.0.0.1:1\"\npublic_url = \"http://id.example.com\"\n",
    )
    .unwrap();
    let ill = run(&database, &["--config", file.to_str().unwrap(), "doctor"], "");
    let report = String::from_utf8_lossy(&ill.stdout).into_owned();
    assert!(!ill.status.success());
    assert!(report.contains("MEND  mail: connecting to the SMTP relay"), "{report}");
    assert!(report.contains("MEND  configuration: public_url"), "{report}");
    database.end();
}
