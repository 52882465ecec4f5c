from google.api import annotations_pb2 as _annotations_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ChargeState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CHARGE_STATE_UNSPECIFIED: _ClassVar[ChargeState]
    CHARGE_STATE_PENDING: _ClassVar[ChargeState]
    CHARGE_STATE_CHARGED: _ClassVar[ChargeState]
    CHARGE_STATE_DECLINED: _ClassVar[ChargeState]
    CHARGE_STATE_VOIDING: _ClassVar[ChargeState]
    CHARGE_STATE_VOIDED: _ClassVar[ChargeState]
CHARGE_STATE_UNSPECIFIED: ChargeState
CHARGE_STATE_PENDING: ChargeState
CHARGE_STATE_CHARGED: ChargeState
CHARGE_STATE_DECLINED: ChargeState
CHARGE_STATE_VOIDING: ChargeState
CHARGE_STATE_VOIDED: ChargeState

class ChargeCardRequest(_message.Message):
    __slots__ = ("order_id", "user_id", "amount_cents", "card")
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_CENTS_FIELD_NUMBER: _ClassVar[int]
    CARD_FIELD_NUMBER: _ClassVar[int]
    order_id: str
    user_id: str
    amount_cents: int
    card: Card
    def __init__(self, order_id: _Optional[str] = ..., user_id: _Optional[str] = ..., amount_cents: _Optional[int] = ..., card: _Optional[_Union[Card, _Mapping]] = ...) -> None: ...

class Card(_message.Message):
    __slots__ = ("number", "exp_month", "exp_year", "ccv")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    EXP_MONTH_FIELD_NUMBER: _ClassVar[int]
    EXP_YEAR_FIELD_NUMBER: _ClassVar[int]
    CCV_FIELD_NUMBER: _ClassVar[int]
    number: str
    exp_month: str
    exp_year: str
    ccv: str
    def __init__(self, number: _Optional[str] = ..., exp_month: _Optional[str] = ..., exp_year: _Optional[str] = ..., ccv: _Optional[str] = ...) -> None: ...

class ReadChargeRequest(_message.Message):
    __slots__ = ("order_id",)
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    order_id: str
    def __init__(self, order_id: _Optional[str] = ...) -> None: ...

class VoidChargeRequest(_message.Message):
    __slots__ = ("order_id",)
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    order_id: str
    def __init__(self, order_id: _Optional[str] = ...) -> None: ...

class Charge(_message.Message):
    __slots__ = ("order_id", "state", "amount_cents", "transaction_id", "reason")
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_CENTS_FIELD_NUMBER: _ClassVar[int]
    TRANSACTION_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    order_id: str
    state: ChargeState
    amount_cents: int
    transaction_id: str
    reason: str
    def __init__(self, order_id: _Optional[str] = ..., state: _Optional[_Union[ChargeState, str]] = ..., amount_cents: _Optional[int] = ..., transaction_id: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...
