//! Whose account somebody is who comes back from a provider, for every combination of what decides it.

use super::{Scene, patch, who};
use crate::support::{
    PASSWORD, TestApp,
    browser::{Browser, Page},
    limits::set_limits,
    roles::{CONSOLE, USERS},
};
use serde_json::{Value, json};

/// What the provider says of an address.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Said {
    Good,
    NotGood,
    Nothing,
}

/// Which accounts there are with the address.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Accounts {
    None,
    Proven,
    ProvenWithRights,
    Unproven,
    UnprovenWithRights,
    TwoUnproven,
}

/// What becomes of somebody who is not signed in, whose identity nobody knows.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fate {
    /// They are signed in to the account that has the address.
    In,
    /// They are to sign in to it.
    SignIn,
    /// A code is to be mailed to the address that an account has.
    Confirm,
    /// They are to say an address.
    Address,
    /// An account is to be made.
    SignUp,
    /// The account that was begun with the address is to be theirs.
    TakeOver,
    /// Nobody signs up.
    Closed,
    /// They are none of those who are taken.
    Refused,
}

const SAID: [Said; 3] = [Said::Good, Said::NotGood, Said::Nothing];
const ACCOUNTS: [Accounts; 6] = [
    Accounts::None,
    Accounts::Proven,
    Accounts::ProvenWithRights,
    Accounts::Unproven,
    Accounts::UnprovenWithRights,
    Accounts::TwoUnproven,
];
const LINKS: [&str; 4] = ["never", "ask", "confirm", "automatic"];
const SIGN_UPS: [&str; 2] = ["never", "policy"];

/// Lets one network come as often as the combinations are many.
async fn many(scene: &Scene<'_>) {
    let often = json!({ "most": 10_000, "seconds": 600 });
    let limits = json!({ "providerBeginNetwork": often, "providerCallbackNetwork": often });
    set_limits(&scene.owner, limits).await;
}

/// The rules, as `docs/sign-in-methods.md` says them.
fn expected((said, accounts): (Said, Accounts), (link, sign_up): (&str, &str)) -> Fate {
    let new = if sign_up == "policy" {
        Fate::SignUp
    } else {
        Fate::Closed
    };
    // Without one of the domains.
    if said == Said::Nothing {
        return Fate::Refused;
    }
    if said == Said::NotGood {
        // It is the same whoever has the address, so that nobody learns that from it.
        let is_of_no_use = link == "never" && sign_up == "never";
        return if is_of_no_use { Fate::SignIn } else { Fate::Address };
    }
    match (accounts, link) {
        (Accounts::Proven | Accounts::ProvenWithRights, "never" | "ask") => Fate::SignIn,
        (Accounts::Proven, "automatic") => Fate::In,
        // Who may do more gets in by no provider's word alone.
        (Accounts::Proven | Accounts::ProvenWithRights, _)
        | (Accounts::UnprovenWithRights, "ask" | "confirm" | "automatic") => Fate::Confirm,
        (Accounts::Unproven, "ask" | "confirm" | "automatic") => Fate::TakeOver,
        _ => new,
    }
}

/// The words of the page that says so.
fn words(fate: Fate) -> &'static str {
    match fate {
        Fate::In => "",
        Fate::SignIn => "There is no account linked yet",
        Fate::Confirm => "Is this your account?",
        Fate::Address => "but no address that we can rely on",
        Fate::SignUp => "An account is made for you",
        Fate::TakeOver => "An account was begun with your address",
        Fate::Closed => "Sign-up is closed",
        Fate::Refused => "This account of Corp is not accepted here.",
    }
}

impl Scene<'_> {
    /// Makes the accounts of a combination, called after its number.
    async fn make_accounts(&self, accounts: Accounts, number: usize) {
        let address = format!("p{number}@example.com");
        let (names, proven, roles) = match accounts {
            Accounts::None => (&[][..], false, json!(["user"])),
            Accounts::Proven => (&["one"][..], true, json!(["user"])),
            Accounts::ProvenWithRights => (&["one"][..], true, json!(["user", "support"])),
            Accounts::Unproven => (&["one"][..], false, json!(["user"])),
            Accounts::UnprovenWithRights => (&["one"][..], false, json!(["user", "support"])),
            Accounts::TwoUnproven => (&["one", "two"][..], false, json!(["user"])),
        };
        for name in names {
            let name = format!("{name}-{number}");
            let new = json!({ "name": name, "email": address, "roles": roles });
            self.owner.post(USERS, &new).await.expect(200);
            if proven {
                let given = json!({ "email": address, "verified": true });
                self.owner
                    .put(&format!("{USERS}/{name}/email"), &given)
                    .await
                    .expect(200);
            }
        }
    }

    /// Comes as somebody new, and says what becomes of them.
    async fn fate(&self, browser: &Browser<'_>, said: Said, number: usize) -> String {
        let mut claims = json!({ "sub": format!("sub-{number}") });
        let address = format!("p{number}@example.com");
        claims["email"] = match said {
            Said::Nothing => Value::Null,
            Said::Good | Said::NotGood => json!(address),
        };
        claims["email_verified"] = json!(said == Said::Good);
        let came = self.come(browser, claims).await;
        if came.status() == 403 {
            return came.reply.text;
        }
        if came.leads() != "/login/identity" {
            assert_eq!(came.leads(), "/console/");
            return format!("signed in as {}", who(browser).await);
        }
        browser.open("/login/identity").await.reply.text
    }
}

#[tokio::test]
async fn somebody_new_is_asked_what_the_rules_say_whatever_comes_together() {
    let mut app = TestApp::start().await;
    app.abandon_jobs();
    let settings = json!({ "emailTrust": "authoritative", "domains": ["example.com"] });
    let scene = Scene::new(&app, settings).await;
    many(&scene).await;
    let mut number = 0;
    for link in LINKS {
        for sign_up in SIGN_UPS {
            patch(&scene.owner, "corp", json!({ "link": link, "signUp": sign_up }))
                .await
                .expect(200);
            for said in SAID {
                for accounts in ACCOUNTS {
                    number += 1;
                    scene.make_accounts(accounts, number).await;
                    let browser = app.default_tenant().browser();
                    let came = scene.fate(&browser, said, number).await;
                    let what = format!("{said:?}, {accounts:?}, link {link}, sign-up {sign_up}");
                    match expected((said, accounts), (link, sign_up)) {
                        Fate::In => assert_eq!(came, format!("signed in as one-{number}"), "{what}"),
                        fate => {
                            assert!(came.contains(words(fate)), "{what}: {fate:?}: {came}");
                            assert_eq!(who(&browser).await, "", "{what}");
                        }
                    }
                }
            }
        }
    }
    assert_eq!(number, LINKS.len() * SIGN_UPS.len() * SAID.len() * ACCOUNTS.len());
}

/// Who comes back, of two accounts of which the first has the identity or nobody has.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Here {
    Nobody,
    Owner,
    Another,
}

/// Adds an identity of this subject to the account that is signed in.
async fn link(scene: &Scene<'_>, browser: &Browser<'_>, subject: &str) -> Page {
    let begun = super::parameters(&browser.fill("/login/with/corp?purpose=link", &[]).await);
    scene.sign(&scene.claims(&begun, &json!({ "sub": subject })));
    browser.open(&scene.back(&begun)).await
}

/// Comes back for each combination, and checks where that leads.
async fn check(scene: &Scene<'_>, (known, links): (bool, bool), here: Here, subject: &str) {
    let browser_of = async |name: Option<&str>| {
        let browser = scene.owner.tenant.browser();
        if let Some(name) = name {
            browser.sign_in(name, PASSWORD).await.leads();
        }
        browser
    };
    if known {
        let hers = browser_of(Some("ada")).await;
        assert_eq!(link(scene, &hers, subject).await.leads(), "/console/");
    }
    let browser = browser_of(match here {
        Here::Nobody => None,
        Here::Owner => Some("ada"),
        Here::Another => Some("eve"),
    });
    let browser = browser.await;
    let what = format!("known {known}, {here:?}, links {links}");
    if links && here == Here::Nobody {
        let sent = browser.open("/login/with/corp?purpose=link").await;
        assert!(sent.leads().starts_with("/login?again=1"), "{what}: {}", sent.leads());
        return;
    }
    let came = match links {
        true => link(scene, &browser, subject).await,
        false => scene.come(&browser, json!({ "sub": subject })).await,
    };
    let is_now = who(&browser).await;
    match (known, links, here) {
        (true, true, Here::Another) => {
            came.expect(409, "belongs to another account");
            assert_eq!(is_now, "eve", "{what}");
        }
        (_, true, _) => assert_eq!(came.leads(), "/console/", "{what}"),
        (true, false, _) => {
            assert_eq!(came.leads(), "/console/", "{what}");
            assert_eq!(is_now, "ada", "{what}");
        }
        (false, false, Here::Nobody) => assert_eq!(came.leads(), "/login/identity", "{what}"),
        (false, false, _) => {
            assert_eq!(came.leads(), "/login/identity", "{what}");
            let page = browser.open("/login/identity").await;
            page.expect(200, "Add Corp to your account?");
        }
    }
}

#[tokio::test]
async fn who_is_signed_in_already_adds_goes_on_or_is_told_whoever_has_the_identity() {
    let mut app = TestApp::start().await;
    app.abandon_jobs();
    let scene = Scene::new(&app, json!({})).await;
    many(&scene).await;
    for name in ["ada", "eve"] {
        crate::support::roles::make_user(&scene.owner, name, "user").await;
    }
    let mut number = 0;
    for known in [false, true] {
        for here in [Here::Nobody, Here::Owner, Here::Another] {
            for links in [false, true] {
                number += 1;
                check(&scene, (known, links), here, &format!("sub-{number}")).await;
            }
        }
    }
    // Nobody lost one to somebody else.
    let of_eve = scene
        .owner
        .get(&format!("{CONSOLE}/users/eve/identities"))
        .await
        .expect(200);
    let subjects: Vec<_> = of_eve["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["spec"]["subject"].clone())
        .collect();
    assert_eq!(subjects, ["sub-6"], "{of_eve}");
}
