//! Requests that no client meant to send.

use lienthong_calendar::Instant;
use lienthong_fuzz::Target;
use prost::Message;
use prost_reflect::{
    DescriptorPool, DynamicMessage, FieldDescriptor, Kind, MapKey, MessageDescriptor, Value,
};

use super::{IntoCommand, code_of};
use crate::pb::personal::v1::PersonalDetails;
use crate::{DESCRIPTOR_SET, Invalid};

use crate::pb::{casework::v1 as casework, history::v1 as history, land_registry::v1 as land_registry};
use crate::pb::{tax_office::v1 as tax_office, ward_desk::v1 as ward_desk};

lienthong_fuzz::targets!(request);

/// What becomes of the bytes of a request; none where they are no such message.
type Reader = fn(&[u8]) -> Option<Result<lienthong_dossier::Command, Invalid>>;

fn read<R: IntoCommand + Message + Default>(
    bytes: &[u8],
) -> Option<Result<lienthong_dossier::Command, Invalid>> {
    R::decode(bytes).ok().map(|request| request.into_command(Instant::MIN))
}

/// Each request with its full name.
macro_rules! requests {
    ($($area:ident: $($name:ident),*;)*) => {
        [$($((concat!("lienthong.", stringify!($area), ".v1.", stringify!($name)), read::<$area::$name> as Reader)),*),*]
    };
}

const REQUESTS: [(&str, Reader); 44] = requests! {
    casework: OfferCustodyRequest, WithdrawOfferRequest, AcceptCustodyRequest, ReturnCustodyRequest,
        CompleteStepRequest, EndWaitRequest, RequestSupplementRequest, PlaceHoldRequest, LiftHoldRequest,
        ExtendRequest, ReferRequest, AcceptReferralRequest, ReturnReferralRequest, AnswerReferralRequest,
        DecideWithdrawalRequest, StopRequest, ResumeRequest, IssueResultRequest, RecallResultRequest, EraseRequest,
        AdoptRequest, SucceedRequest, RecomputeRequest, IssueReceiptRequest, ReconcilePaymentRequest;
    history: ImportHistoryRequest;
    land_registry: SendTaxInformationRequest, EnterLandRegisterRequest;
    tax_office: AcceptSlipRequest, ReturnSlipRequest, IssueNoticeRequest, AdjustNoticeRequest, CancelNoticeRequest,
        RecordPaymentRequest, CancelPaymentRequest, RecordDebtRequest;
    ward_desk: FileRequest, ReceiveRequest, RefuseRequest, HandInSupplementRequest, RequestWithdrawalRequest,
        HandOverResultRequest, CollectFeeRequest, CancelFeeRequest;
};

/// Which request it is, in the first byte, and the request. Parsing is total, and what a command takes along of persons
/// is what the request said.
fn request() {
    let pool = DescriptorPool::decode(DESCRIPTOR_SET).unwrap();
    let seeds = REQUESTS.iter().zip(0_u8..).map(|((name, _), index)| {
        let message = filled(&pool.get_message_by_name(name).unwrap(), 0);
        [vec![index], message.encode_to_vec()].concat()
    });
    let words = ["H56.2", "0198f3c2-7b1e-7e70-8d3a-0c5d6f7a8b90", "H56.2-261102-0001", "1.099001", "14797"];
    Target::new(seeds).words(words).check(|bytes| {
        let Some((which, bytes)) = bytes.split_first() else { return };
        let (_, read) = REQUESTS[usize::from(*which) % REQUESTS.len()];
        match read(bytes) {
            Some(Ok(command)) => {
                assert_eq!(command.code.as_str(), code_of(bytes));
                if let Some(private) = command.private {
                    assert!(PersonalDetails::decode(private.0.as_slice()).is_ok());
                }
            }
            Some(Err(invalid)) => assert!(!invalid.field.is_empty(), "{invalid}"),
            None => {}
        }
    });
}

/// A message with something in every field.
fn filled(descriptor: &MessageDescriptor, depth: usize) -> DynamicMessage {
    let mut message = DynamicMessage::new(descriptor.clone());
    for field in descriptor.fields() {
        if depth < 4 {
            message.set_field(&field, value(&field, depth));
        }
    }
    message
}

fn value(field: &FieldDescriptor, depth: usize) -> Value {
    let one = match field.kind() {
        Kind::Message(inner) => Value::Message(filled(&inner, depth + 1)),
        Kind::Enum(_) => Value::EnumNumber(1),
        Kind::String => Value::String(text(field.name()).to_owned()),
        Kind::Bytes => Value::Bytes(vec![7; 32].into()),
        Kind::Bool => Value::Bool(true),
        Kind::Uint32 | Kind::Fixed32 => Value::U32(1),
        Kind::Uint64 | Kind::Fixed64 => Value::U64(1),
        Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => Value::I64(1),
        Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => Value::I32(1),
        Kind::Double => Value::F64(1.0),
        Kind::Float => Value::F32(1.0),
    };
    match (field.is_list(), field.is_map()) {
        (true, _) => Value::List(vec![one]),
        (_, true) => Value::Map([(MapKey::String("a".to_owned()), Value::String("b".to_owned()))].into()),
        (false, false) => one,
    }
}

/// A text that is right where most are asked for.
fn text(field: &str) -> &'static str {
    match field {
        "command_id" => "0198f3c2-7b1e-7e70-8d3a-0c5d6f7a8b90",
        "agency" | "to" => "H56.2",
        "procedure" => "1.099001",
        "commune" => "14797",
        _ if field.contains("date") => "2026-12-01",
        "code" => "H56.2-261102-0001",
        _ => "so-1",
    }
}
