# os-ken (Debian's python3-os-ken) as a third reader and writer of OpenFlow 1.4: JSON in, JSON out; see os-ken.ts.
import json
import sys

from os_ken.ofproto import ofproto_parser, ofproto_v1_4, ofproto_v1_4_parser
from os_ken.ofproto.ofproto_protocol import ProtocolDesc

datapath = ProtocolDesc(version=ofproto_v1_4.OFP_VERSION)


def built(value):
    """What {"class": …, "args": {…}} stands for; {"hex": …} is bytes, {"int": "0x…"} a long one, {"tuple": […]} a tuple."""
    if isinstance(value, list):
        return [built(each) for each in value]
    if not isinstance(value, dict):
        return value
    if "hex" in value:
        return bytes.fromhex(value["hex"])
    if "int" in value:
        return int(value["int"], 0)
    if "tuple" in value:
        return tuple(built(each) for each in value["tuple"])
    kind = getattr(ofproto_v1_4_parser, value["class"])
    args = {name: built(arg) for name, arg in value["args"].items()}
    if not issubclass(kind, ofproto_parser.MsgBase):
        return kind(**args)
    message = kind(datapath, **args)
    message.set_xid(value["xid"])
    return message


def compared(case):
    message = built(case["build"])
    theirs = bytes.fromhex(case["bytes"])
    writes = type(message)._serialize_body is not ofproto_parser.MsgBase._serialize_body or len(theirs) == 8
    if writes:
        message.serialize()
    differences = None
    if message.cls_msg_type in ofproto_v1_4_parser._MSG_PARSERS:
        read = ofproto_parser.msg(datapath, *ofproto_parser.header(theirs), theirs)
        differences = differing(message.to_jsondict(), read.to_jsondict(), "")
    return {"written": message.buf.hex() if writes else None, "differences": differences}


def differing(wanted, found, path):
    """Where what was read differs from what was built, but for lengths, and for what is filled in when it is written."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        names = [name for name in wanted if name not in ("len", "length", "actions_len", "_bitmaps")]
        return [each for name in names for each in differing(wanted[name], found.get(name), f"{path}.{name}")]
    if isinstance(wanted, list) and isinstance(found, list) and len(wanted) == len(found):
        return [each for i in range(len(wanted)) for each in differing(wanted[i], found[i], f"{path}.{i}")]
    return [] if wanted is None or wanted == found else [f"{path}: {found}, not {wanted}"]


def constants():
    names = (name for name in dir(ofproto_v1_4) if name.startswith("OFP"))
    return {name: value for name in names if isinstance(value := getattr(ofproto_v1_4, name), int)}


if sys.argv[1] == "constants":
    json.dump(constants(), sys.stdout)
else:
    json.dump([compared(case) for case in json.load(sys.stdin)], sys.stdout)
