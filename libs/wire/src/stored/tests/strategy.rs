//! Any body there can be.

use jiff::civil::Date;
use lienthong_calendar::Instant;
use lienthong_dossier::{
    Account, Act, Activity, Actor, Adoption, ApplicantKind, Channel, ClockChange, Clocks, CommandId,
    CopyForm, Delivery, Document, DossierCode, Event, EventKind, Ground, History, Line, Medium, Named, Next,
    NoticeLine, OfficerId, Opening, PaperNumber, PaymentChannel, PaymentId, Pins, Power, ReferralDue,
    SourceName, Status, Subject, Told, ToldFee, ToldPapers, ToldSupplement, Wait,
};
use lienthong_registry::{
    AccountNumber, AgencyId, CommuneCode, DocumentKind, FeeId, OutcomeId, PackVersion, ProcedureCode, Rules,
    StepId,
};
use lienthong_seal::{Envelope, Hash, Wrap};
use lienthong_tax::Dong;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::Union;
use uuid::Uuid;

use crate::stored::{Body, NamedEnvelope, Recipient, RecipientWrap, Witness};

/// Texts of a type, of at most 60 bytes.
fn text<T: TryFrom<String, Error: std::fmt::Debug> + Clone + std::fmt::Debug>(
    pattern: &'static str,
) -> impl Strategy<Value = T> + Clone {
    pattern.prop_map(|text| T::try_from(text).unwrap())
}

const WORDS: &str = "[a-zA-Z0-9àêđờ .,/-]{1,20}";
const KEBAB: &str = "[a-z0-9]{1,8}(-[a-z0-9]{1,8}){0,3}";
const ID: &str = "[A-Za-z0-9._-]{1,32}";

fn ground() -> impl Strategy<Value = Ground> + Clone {
    text(WORDS)
}

fn line() -> impl Strategy<Value = Line> + Clone {
    text(WORDS)
}

fn detail() -> impl Strategy<Value = Option<Line>> + Clone {
    option::of(line())
}

fn number() -> impl Strategy<Value = PaperNumber> + Clone {
    text(WORDS)
}

fn payment() -> impl Strategy<Value = PaymentId> + Clone {
    text(WORDS)
}

fn agency() -> impl Strategy<Value = AgencyId> + Clone {
    text(ID)
}

fn step() -> impl Strategy<Value = StepId> + Clone {
    text(KEBAB)
}

fn outcome() -> impl Strategy<Value = OutcomeId> + Clone {
    text(KEBAB)
}

fn document_kind() -> impl Strategy<Value = DocumentKind> + Clone {
    text(KEBAB)
}

fn instant() -> impl Strategy<Value = Instant> + Clone {
    (Instant::MIN.as_micros()..=Instant::MAX.as_micros()).prop_map(Instant::from_micros)
}

fn date() -> impl Strategy<Value = Date> + Clone {
    (1i16..9999, 1i8..=12, 1i8..=28).prop_map(|(year, month, day)| Date::new(year, month, day).unwrap())
}

fn dong() -> impl Strategy<Value = Dong> + Clone {
    any::<u64>().prop_map(Dong::new)
}

fn hash() -> impl Strategy<Value = Hash> + Clone {
    any::<[u8; 32]>().prop_map(Hash)
}

fn account() -> impl Strategy<Value = Account> + Clone {
    any::<(u32, u32)>().prop_map(|(taxpayer, item)| Account { taxpayer, item })
}

fn documents() -> impl Strategy<Value = Vec<Document>> + Clone {
    let form = select(CopyForm::ALL);
    let document = (document_kind(), form, any::<u16>(), any::<Option<[u8; 32]>>())
        .prop_map(|(kind, form, copies, sha256)| Document { kind, form, copies, sha256 });
    vec(document, 0..4)
}

fn lines() -> impl Strategy<Value = Vec<NoticeLine>> + Clone {
    let line = (account(), date(), dong(), dong(), dong(), option::of(ground())).prop_map(
        |(account, due_date, taxable, due, exempt, exempt_ground)| NoticeLine {
            account,
            due_date,
            taxable,
            due,
            exempt,
            exempt_ground,
        },
    );
    vec(line, 0..4)
}

fn opening() -> impl Strategy<Value = Opening> + Clone {
    let pins = (text::<PackVersion>(ID), "[a-z0-9-]{0,12}", "[a-z0-9-]{0,12}");
    let pins = pins.prop_map(|(pack, calendar, rates)| Pins { pack, calendar, rates });
    let procedure = text::<ProcedureCode>("[1-9]\\.[0-9]{6}");
    let commune = text::<CommuneCode>("[0-9]{5}");
    let kinds = (select(Channel::ALL), select(ApplicantKind::ALL));
    (procedure, pins, commune, kinds, documents(), detail(), option::of(step())).prop_map(
        |(procedure, pins, commune, (channel, applicant), documents, detail, step)| Opening {
            procedure,
            pins,
            commune,
            channel,
            applicant,
            documents,
            detail,
            step,
        },
    )
}

fn history() -> impl Strategy<Value = History> + Clone {
    let said = option::of("\\PC{0,10}");
    let times = (option::of(instant()), option::of(instant()));
    let by = (said.clone(), said.clone(), said);
    let activity = ("\\PC{1,10}", by, instant(), -1439..=1439, option::of(select(&Status::ALL[..])), times)
        .prop_map(|(name, (resource, group, lifecycle), at, offset_minutes, status, (began_at, due))| {
            Activity { name, resource, group, lifecycle, at, offset_minutes, status, began_at, due }
        });
    (
        text::<SourceName>("[a-z0-9 -]{1,20}"),
        "\\PC{1,20}",
        vec(activity, 1..4),
        option::of(select(&Status::ALL[..])),
        option::of(told()),
    )
        .prop_map(|(source, record, activities, status, told)| History {
            source,
            record,
            activities,
            status,
            told,
        })
}

fn told() -> impl Strategy<Value = Told> + Clone {
    let named = || ("\\PC{0,10}", "\\PC{0,20}").prop_map(|(code, name)| Named { code, name });
    let time = || option::of(instant());
    let times = [time(), time(), time(), time(), time(), time()];
    let supplement =
        (instant(), time(), time(), time()).prop_map(|(asked_at, answered_at, due_before, due_after)| {
            ToldSupplement { asked_at, answered_at, due_before, due_after }
        });
    let fee = (select(&[0u8, 1, 2, 4][..]), 0u64..1_000_000)
        .prop_map(|(collected, amount)| ToldFee { collected, amount: Dong::new(amount) });
    let kinds = (
        option::of(select(Channel::ALL)),
        option::of(select(ApplicantKind::ALL)),
        option::of(select(Delivery::ALL)),
    );
    let flags = (option::of(0u8..=3), option::of(any::<bool>()), option::of(any::<bool>()));
    let papers =
        any::<[u32; 6]>().prop_map(|[filed, digitised, reused, from_store, results, coded_results]| {
            ToldPapers { filed, digitised, reused, from_store, results, coded_results }
        });
    ((named(), named(), named()), kinds, times, (vec(supplement, 0..3), vec(fee, 0..3)), flags, papers)
        .prop_map(|(names, (channel, applicant, delivery), times, (supplements, fees), flags, papers)| {
            let (procedure, field, agency) = names;
            let [filed_at, received_at, due, finished_at, returned_at, refused_at] = times;
            let (online_payment, digitised, vneid) = flags;
            Told {
                procedure,
                field,
                agency,
                channel,
                applicant,
                delivery,
                filed_at,
                received_at,
                due,
                finished_at,
                returned_at,
                refused_at,
                supplements,
                fees,
                online_payment,
                digitised,
                vneid,
                papers,
            }
        })
}

/// Each kind of event, in the order of their declaration.
pub(super) fn kinds() -> Vec<BoxedStrategy<EventKind>> {
    use EventKind as E;
    let referral = any::<u32>();
    let next = prop_oneof![step().prop_map(Next::Begins), step().prop_map(Next::Awaits), Just(Next::Ends)];
    let wait = prop_oneof![
        Just(Wait::Step),
        any::<u32>().prop_map(Wait::Referral),
        any::<u32>().prop_map(Wait::Hold)
    ];
    let medium = select(Medium::ALL);
    let sent = (
        (referral, agency(), select(Subject::ALL), medium.clone()),
        any::<(bool, bool)>(),
        instant(),
        option::of(number()),
        detail(),
        option::of(agency()),
    );
    vec![
        opening().prop_map(E::DossierFiled).boxed(),
        opening().prop_map(E::DossierAccepted).boxed(),
        (option::of(opening()), ground())
            .prop_map(|(opening, ground)| E::DossierRefused { opening, ground })
            .boxed(),
        (agency(), medium, option::of(agency()))
            .prop_map(|(to, medium, redirected_from)| E::CustodyOffered { to, medium, redirected_from })
            .boxed(),
        Just(E::CustodyAccepted).boxed(),
        (ground(), detail()).prop_map(|(ground, detail)| E::CustodyReturned { ground, detail }).boxed(),
        Just(E::CustodyOfferWithdrawn).boxed(),
        (agency(), agency(), option::of(line()))
            .prop_map(|(from, to, legal_basis)| E::CustodyTransferredBySuccession { from, to, legal_basis })
            .boxed(),
        (line(), vec((any::<u32>(), instant()), 0..3))
            .prop_map(|(calendar, dues)| {
                let dues = dues.into_iter().map(|(referral, due)| ReferralDue { referral, due });
                E::DueDateRecomputed { calendar, referrals: dues.collect() }
            })
            .boxed(),
        (step(), outcome(), next, detail())
            .prop_map(|(step, outcome, next, detail)| E::StepCompleted { step, outcome, next, detail })
            .boxed(),
        (wait, instant()).prop_map(|(wait, deadline)| E::WaitEnded { wait, deadline }).boxed(),
        (vec(document_kind(), 0..4), ground(), detail())
            .prop_map(|(documents, ground, detail)| E::SupplementRequested { documents, ground, detail })
            .boxed(),
        (documents(), detail())
            .prop_map(|(documents, detail)| E::SupplementReceived { documents, detail })
            .boxed(),
        (any::<u32>(), ground(), line(), number(), option::of(instant()))
            .prop_map(|(hold, ground, issuing_body, document, expires_at)| E::HoldPlaced {
                hold,
                ground,
                issuing_body,
                document,
                expires_at,
            })
            .boxed(),
        (any::<u32>(), number()).prop_map(|(hold, document)| E::HoldLifted { hold, document }).boxed(),
        (any::<u32>(), ground()).prop_map(|(days, ground)| E::ApologyIssued { days, ground }).boxed(),
        sent.prop_map(
            |(
                (referral, to, subject, medium),
                (outside_clock, silence_agrees),
                due,
                number,
                detail,
                redirected_from,
            )| {
                E::ReferralSent {
                    referral,
                    to,
                    subject,
                    medium,
                    outside_clock,
                    silence_agrees,
                    due,
                    number,
                    detail,
                    redirected_from,
                }
            },
        )
        .boxed(),
        referral.prop_map(|referral| E::ReferralAccepted { referral }).boxed(),
        (referral, ground(), detail())
            .prop_map(|(referral, ground, detail)| E::ReferralReturned { referral, ground, detail })
            .boxed(),
        (referral, any::<bool>(), detail())
            .prop_map(|(referral, agreed, detail)| E::ReferralAnswered { referral, agreed, detail })
            .boxed(),
        (referral, number(), lines())
            .prop_map(|(referral, notice, lines)| E::NoticeIssued { referral, notice, lines })
            .boxed(),
        (number(), number(), ground(), lines())
            .prop_map(|(supersedes, notice, ground, lines)| E::NoticeAdjusted {
                supersedes,
                notice,
                ground,
                lines,
            })
            .boxed(),
        (number(), ground()).prop_map(|(notice, ground)| E::NoticeCancelled { notice, ground }).boxed(),
        (payment(), number(), account(), dong(), select(PaymentChannel::ALL), option::of(payee()))
            .prop_map(|(payment, notice, account, amount, channel, into)| E::PaymentReceived {
                payment,
                notice,
                account,
                amount,
                channel,
                into,
            })
            .boxed(),
        (payment(), fee(), dong(), select(PaymentChannel::ALL), option::of(payee()))
            .prop_map(|(payment, fee, amount, channel, into)| E::FeeReceived {
                payment,
                fee,
                amount,
                channel,
                into,
            })
            .boxed(),
        (payment(), number()).prop_map(|(payment, receipt)| E::ReceiptIssued { payment, receipt }).boxed(),
        (payment(), dong(), number())
            .prop_map(|(payment, amount, statement)| E::PaymentReconciled { payment, amount, statement })
            .boxed(),
        (payment(), ground()).prop_map(|(payment, ground)| E::PaymentCancelled { payment, ground }).boxed(),
        (account(), dong()).prop_map(|(account, amount)| E::RefundDue { account, amount }).boxed(),
        option::of(number()).prop_map(|debt_decision| E::ObligationFulfilled { debt_decision }).boxed(),
        (number(), detail()).prop_map(|(entry, detail)| E::LandRegisterEntered { entry, detail }).boxed(),
        detail().prop_map(|detail| E::WithdrawalRequested { detail }).boxed(),
        number().prop_map(|decision| E::WithdrawalGranted { decision }).boxed(),
        ground().prop_map(|ground| E::WithdrawalDeclined { ground }).boxed(),
        (ground(), number()).prop_map(|(ground, decision)| E::ProcessingStopped { ground, decision }).boxed(),
        number().prop_map(|decision| E::ProcessingResumed { decision }).boxed(),
        (number(), outcome()).prop_map(|(number, outcome)| E::ResultIssued { number, outcome }).boxed(),
        (ground(), step()).prop_map(|(ground, step)| E::ResultRecalled { ground, step }).boxed(),
        (select(Delivery::ALL), detail())
            .prop_map(|(channel, detail)| E::ResultDelivered { channel, detail })
            .boxed(),
        (history(), option::of(agency()), detail())
            .prop_map(|(history, competent, detail)| E::HistoryImported {
                history: Box::new(history),
                competent,
                detail,
            })
            .boxed(),
        (opening(), any::<bool>())
            .prop_filter_map("a step", |(opening, begins)| {
                let Opening { procedure, pins, commune, step, .. } = opening;
                Some(E::DossierAdopted(Adoption { procedure, pins, commune, step: step?, begins }))
            })
            .boxed(),
        (ground(), date()).prop_map(|(ground, kept_until)| E::DossierErased { ground, kept_until }).boxed(),
    ]
}

fn payee() -> impl Strategy<Value = AccountNumber> {
    "[0-9A-Z.]{6,34}".prop_map(|text| text.parse().unwrap())
}

fn fee() -> impl Strategy<Value = FeeId> {
    "[a-z]{1,8}-[a-z]{1,8}".prop_map(|text| FeeId::parse(&text).unwrap())
}

fn clock() -> impl Strategy<Value = Option<ClockChange>> {
    option::of(prop_oneof![
        (instant(), instant()).prop_map(|(start, due)| ClockChange::Runs { start, due }),
        any::<u32>().prop_map(|remaining_minutes| ClockChange::Pauses { remaining_minutes }),
        Just(ClockChange::Ends),
    ])
}

fn act(kind: BoxedStrategy<EventKind>) -> impl Strategy<Value = Act> {
    let power = select(Power::ALL);
    let actor = (text::<OfficerId>(WORDS), line(), line(), power);
    let actor = actor.prop_map(|(officer, name, role, power)| Actor { officer, name, role, power });
    let event = (kind, clock(), clock())
        .prop_map(|(kind, dossier, step)| Event { kind, clocks: Clocks { dossier, step } });
    (text::<DossierCode>(WORDS), agency(), actor, instant(), option::of(instant()), vec(event, 1..3))
        .prop_map(|(code, agency, actor, at, occurred_at, events)| Act {
            code,
            agency,
            actor,
            at,
            occurred_at,
            events,
        })
}

fn envelope() -> impl Strategy<Value = NamedEnvelope> {
    (line(), any::<[u8; 12]>(), vec(any::<u8>(), 16..40)).prop_map(|(name, nonce, ciphertext)| {
        NamedEnvelope { name, envelope: Envelope { nonce, ciphertext } }
    })
}

fn wrap() -> impl Strategy<Value = RecipientWrap> {
    let recipient =
        option::of(agency()).prop_map(|agency| agency.map_or(Recipient::Recovery, Recipient::Agency));
    (recipient, hash(), any::<[u8; 32]>(), vec(any::<u8>(), Wrap::CIPHERTEXT_BYTES)).prop_map(
        |(recipient, key_id, encapsulated, ciphertext)| RecipientWrap {
            recipient,
            wrap: Wrap { key_id, encapsulated, ciphertext },
        },
    )
}

/// A body whose events are all of one kind.
pub(super) fn body_of(kind: BoxedStrategy<EventKind>) -> impl Strategy<Value = Body> {
    let named = (hash(), 1u32..3, option::of(hash()), any::<u64>(), hash());
    let command = (any::<[u8; 16]>(), hash(), option::of(hash()));
    (named, command, act(kind), vec(envelope(), 0..3), vec(wrap(), 0..3)).prop_map(
        |((log_id, rules, prev, count, witness), (id, command_hash, data_key), act, envelopes, wraps)| Body {
            log_id,
            rules: Rules(rules),
            act,
            prev,
            witness: Witness { count, hash: witness },
            command_id: CommandId(Uuid::from_bytes(id)),
            command_hash,
            data_key,
            envelopes,
            wraps,
        },
    )
}

/// Any body.
pub(super) fn body() -> impl Strategy<Value = Body> {
    body_of(Union::new(kinds()).boxed())
}
