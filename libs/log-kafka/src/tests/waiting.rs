//! Tests that wait most of their time: for a time limit of ours to pass, to see that nothing comes, or for brokers of
//! their own.
//!
//! The harness runs no more tests at once than there are cores. These all begin with the first test that needs a broker,
//! and by the time it is their turn they have waited enough.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex};
use std::thread::JoinHandle;

use tokio::runtime::Runtime;

use super::{absent, durable, paused, security, topics, transactions, wedged};
use crate::state::lock;

macro_rules! waiting_tests {
    ($($module:ident::$test:ident)+) => {
        static BEGUN: LazyLock<Mutex<HashMap<&str, JoinHandle<()>>>> = LazyLock::new(|| {
            let mut begun = HashMap::new();
            $(
                if is_asked_for(stringify!($test)) {
                    begun.insert(stringify!($test), begin($module::$test));
                }
            )+
            Mutex::new(begun)
        });

        $(
            #[test]
            fn $test() {
                let begun = lock(&BEGUN).remove(stringify!($test));
                let test = begun.unwrap_or_else(|| begin($module::$test));
                if let Err(panicked) = test.join() {
                    panic!("{}", said(&*panicked));
                }
            }
        )+
    };
}

waiting_tests! {
    absent::brokers_that_are_away_are_named_and_all_comes_back_with_them
    durable::with_one_of_three_brokers_left_no_append_is_confirmed
    paused::an_append_nobody_answers_is_unknown_in_its_time_and_later_ones_go_on
    topics::a_setting_changed_under_an_open_log_is_said_until_it_is_mended
    transactions::the_end_of_a_transaction_is_no_record_and_nobody_waits_for_it
    topics::a_wrong_setting_is_refused_with_the_command_that_mends_it
    security::a_log_opens_with_a_password_over_tls_and_says_what_is_wrong_with_another
    wedged::a_reader_that_stands_still_is_built_anew_and_every_record_arrives_once
}

/// Begins them all, unless they have begun.
pub(super) fn begin_all() {
    LazyLock::force(&BEGUN);
}

/// What was said in another thread, where it was caught as that of another test.
fn said(panicked: &(dyn std::any::Any + Send)) -> &str {
    let text = panicked.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panicked.downcast_ref::<&str>().copied()).unwrap_or("no message")
}

fn begin(test: impl AsyncFnOnce() + Send + 'static) -> JoinHandle<()> {
    std::thread::spawn(|| Runtime::new().unwrap().block_on(test()))
}

/// Whether the harness was not told to run other tests only.
fn is_asked_for(test: &str) -> bool {
    let mut names = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).peekable();
    let test = format!("{}::{test}", module_path!());
    names.peek().is_none() || names.any(|name| test.contains(&name))
}
