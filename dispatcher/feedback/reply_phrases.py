"""The phrases that residents' answers are made of, in the notation of `typed_words.expression`.

Written as a careful clerk spells; each word matches however it is typed. One phrase a line, longer phrases
before those they begin with: what matches first is taken.
"""

from __future__ import annotations

from collections.abc import Mapping

PARTS: Mapping[str, str] = {
    "i": """
        [chúng|bọn|tụi|gia đình|nhà|bên|phía] (tôi|em|mình|mk|mik|cháu|con|tao|ta|anh|chị|cô|chú|bác|ông|bà|
        bố| mẹ|thầy|me|m|e|c|a) | gia đình | người nhà | tụi này
    """,
    "you": """
        [các|quý|anh|phía] (chi bộ|bạn|anh|chị|em|cô|chú|bác|ông|bà|cháu|thầy|mày|ad|admin|shop|ban tổ
        chức|btc|ban|xã| thôn|phường|đồng chí|đảng ủy|nhà trường|ủy ban|ubnd [xã]|cán bộ|nhà mạng|
        tổng đài|hệ thống|họ|mọi người|vị)
    """,
    "this": "này|nay|đó|kia|ấy|đây|trên",
    "thanks": "cảm ơn|thank you|thank|thanks|tks|thx|tk",
    "kin": "(anh|chị|em|cô|chú|bác|ông|bà|cháu|con|bạn|thầy|cậu|mợ|dì|thím)",
    "named": "(^ | <thanks> [<you>]) [<kin>] {hủy!|ngừng!} (dừng|hủy|ngừng)",
    "number": "(số [điện thoại|đt|máy|phone|của]|sđt|sdt|đt|điện thoại|máy|sim|thuê bao|tên|email|mail)+",
    "mine": "[của] (<i>|<this>) [<this>] [#] | #",
    "to_me": "[cho|tới|đến|vào|vô|qua|sang|với|về] [<number>] [<mine>]",
    "message": """
        (các|những|mấy|mọi|tất cả|bất kỳ|thêm|loại|cái)* (tin nhắn|tin nhắc|tin|nhắn tin|sms|tn|thư [từ|
        điện tử] |mail|email|thông báo|tb|thông tin|lời nhắc|nhắc nhở|quảng cáo|qc|spam|nhắc|cuộc gọi|dịch vụ|
        zalo|linh tinh| vớ vẩn) (nhắc|nhở|báo|rác|quảng cáo|qc|spam|sms|tự động|tuyên truyền|linh tinh|vớ
        vẩn|cuộc thi|từ|của| bên|nào|gì|<you>|<this>)*
    """,
    "send": """
        (nhắn|gửi|nhắc nhở|nhắc|thông báo|báo|spam|làm phiền|quấy (rầy|rối|quả)|quấy|phiền|gọi điện|gọi|
        liên (lạc|hệ)|ib|inbox|sms|text|đòi|dội bom)+
    """,
    "more": "(nữa|thêm|hoài|mãi|nhiều|liên tục|suốt|làm gì|gì|chi|rứa)+",
    "stop": """
        (đừng|ngừng|dừng|thôi|khỏi|miễn|cấm|chấm dứt|bớt|kết thúc|tạm dừng|stop) (ngay|có|cần|phải|bao
        giờ)* [việc]
    """,
    "want": "[có] (muốn|thích|cần|thèm|nhu cầu|đồng ý [cho]|cho phép|chấp nhận|mong)",
    "not": "(không|chẳng|chả|đéo|đếch|dell|đ!)",
    "please": """
        (đề nghị|yêu cầu|xin|mong|nhờ|làm ơn|vui lòng|phiền|lần sau|từ nay|từ giờ|sau này) [<you>] [vui
        lòng|hãy |là]
    """,
    "register": "(đăng ký|đk|dk|đki|dki|đký)",
    "list": "danh (sách|bạ) [nhận] [<message>] (này|gửi|nhắn|nhắc)*",
    # The time of a deed, and the deed that the reminders are about.
    "when": """
        (hôm|ngày|tối|sáng|chiều|trưa|tuần|tháng|đêm|bữa|từ|hồi|mới|ban|khi|vào|mấy|cách đây|thứ|đợt|năm|
        lúc)* (qua|nay|kia| trước|này|đó|nãy|sớm|lâu|(đầu|giữa|cuối) (tuần|tháng|năm)|đầu [tiên]|(hồi|hôm|
        lúc) (sáng|trưa|chiều|tối|bữa)|hai|ba|tư|năm|sáu|bảy|chủ nhật|
        # (#|giờ|h|g|hôm|ngày|tuần|lần|tháng|phút)*) | <long_ago>
    """,
    "long_ago": "từ (hồi|đời|thuở|kiếp|khi|lúc)* (nào rồi|nảo [rồi]|xưa|tám hoánh)",
    "deed": """
        <one_deed> [(và|rồi) <one_deed>]
    """,
    "one_deed": """
        ((dự|tham dự|tham gia [dự]|làm bài) thi|tham gia|tham dự|thi|làm [bài] [thi]|(nộp|gửi) [bài] [thi]|
        hoàn (thành|tất)|làm trắc nghiệm|trắc nghiệm|trả lời [xong|hết|đủ] [#] câu hỏi|ht)
    """,
    "of_it": """
        (bài|phần|cuộc|hội|dự thi|thi|công dân số|trên mạng|trên điện thoại|trực tuyến|online|đầy đủ|đủ|cả|
        toàn bộ|tất cả|câu hỏi|nhiệm vụ|chương trình|này|của (mình|tôi|em|xã)|# (câu [hỏi]|bài|lần|lượt|vòng|
        tuần)|(vòng|đợt|tuần|phần|kỳ|lượt) #|<times>|<score>)
    """,
    "times": "(#|một|hai|ba|bốn|vài) (lần|lượt)",
    "score": "[được|đạt|đúng] # [#] (điểm|câu|phần trăm) [đúng] | (được|đạt|đúng) # [#] [đúng]",
    "family": "(nhà|gia đình) [# người|<i>]",
    "they": """
        [cả] (<family>|[hai|2] vợ chồng|mọi người [trong <family>]|con|cháu|bé|con (gái|trai)) [tôi|em|mình|
        cháu|chị|anh|bác| cô|nhà] | <i>
    """,
    "past": """
        (hôm|ngày|tối|sáng|chiều|trưa|tuần|tháng|đêm|bữa|từ|hồi|đợt|năm)* (qua|kia|trước|nãy|lâu [lắc|lắm])
    """,
    "done": """
        (xong|hết|rồi|hoàn thành|đủ|đầy đủ|luôn|trơn!|tuốt|ráo|sạch|<times>|<score>|từ (sáng|trưa|chiều|
        tối|sớm|[ngày|tuần|tháng|đợt] đầu [tiên])|<past>|<long_ago>)
    """,
}

# A no nobody can mistake: it counts beside words that nobody understands.
CLEAR_REFUSALS = """
<stop> <send> [<message>] <to_me> [<message>] <more> [được không [ạ] [?]]
<stop> <send> [<message>] (cho|tới|đến|vào|vô|qua) [<number>] <mine>
<please> (<not>|<stop>) <send> [<message>] <to_me> [<more>]
<not> [<want>|phải] <send> [<message>] <to_me> nữa [đâu]
<not> [<want>] [phải|bị|có|tiếp] (nhận|bị|nghe|xem|đọc|thấy) [<send>] [<message>] <to_me> nữa [đâu]
<not> <want> [phải|bị|được] (nhận|nghe) [được] [<send>] <message> (nữa|đâu)*
<not> <want> bị <send>
để [cho] <i> [được] yên
[xin (được|phép)] từ chối [việc] (nhận|nghe) [<message>] [nữa]
[xin (được|phép)] từ chối [nhận] <message> [nữa]
(hủy [bỏ]|bỏ|thôi|ngừng|dừng|rút|cắt|xóa|gỡ|chấm dứt) [việc] (<register>|nhận|theo dõi) [nhận] \
    [<message>] [nữa]
(hủy [bỏ]|tắt|chặn|cắt|ngắt|khóa) [giúp|hộ|giùm|dùm] <message> [nữa]
(xóa|gỡ|bỏ|loại|rút|gạch|đưa|cho|hủy) [giúp|hộ|giùm|dùm] [<number>] [<mine>] (ra|khỏi|trong|ở)* <list>
(xóa|gỡ|bỏ|loại|rút|gạch|hủy) [giúp|hộ|giùm|dùm|cho <i>] <number> <mine> (đi|ra|khỏi|với)*
(do not|dont|don t|no more|stop|never) [all|the|these|this|your|any] (text|texts|texting|send|sending|sms| \
    message|messages|messaging|contact) (to|me|any|more|anymore|again|sms|messages)*
(do not|dont|don t) (want|need) [to (receive|get)] [any|more|these|this|your|such] (sms|text|texts|message| \
    messages|this|it|anymore|any more)*
(unsubscribe|remove|delete|unsub) (me|my number|this number|my phone) | (take|get) me off [your|the| \
    this] [list]
"""

# A no where it is the whole answer, beside courtesies and reasons. Longer before shorter.
REFUSALS = """
<stop> <send> [<message>] <to_me> [<more>] [rồi mà]
<stop> <message> [<more>]
(tc|t c|stop|hủy|từ chối|tuchoi) (qc|sms|all|hết|tất cả|nhận|<register>|dv|#|<message>)+
<not> [<want>] nhận [<message>] (nữa|đâu|gì|hết|cả)*
<not> <want>+ (<message>|<send> [<message>]) <to_me> (nữa|đâu)*
(đừng|dừng|ngừng) [có] nữa | ^ chặn! (luôn|ngay|đi|số|nhé)* $
<not> (gửi|nhắc|gọi|làm phiền|spam|quấy) [<message>] <to_me> [nữa]
<not> nhắn! <to_me> <more>
(dừng|ngừng|thôi|khỏi|miễn|hủy|ngắt) (nhận|lấy) [<message>] [nữa]
(xóa|gỡ|bỏ|rút|gạch) [giúp|hộ|giùm|dùm] <number> (đi|với|ra)*
(no|no more) (sms|text|texts|message|messages|spam)
[xin] [đã|có|được|phép] (từ chối|tc) (nhận|luôn|hết|tất cả|ngay|rồi)*
(xin|muốn|cho|đề nghị|yêu cầu|vui lòng) [<i>|được] (hủy|dừng) (bỏ|lại|luôn|ngay|đi)*
hủy! (bỏ|đi|luôn|ngay|hết|dịch vụ|nhận|giùm|dùm|giúp|hộ|cái)* | hủy (bỏ|đi|luôn|ngay|hết|giùm|dùm|giúp|hộ| \
    nhận|cái)+
(dừng!|ngừng) (lại|đi|luôn|ngay|hết|giùm|dùm|giúp|hộ)* | dừng (lại|đi|luôn|ngay)+
(stop|stopall|sotp|stpo|cancel) (all|sms|it|now|rồi|giùm|dùm|giúp|hộ|cái)* | end | quit | revoke | \
    optout | opt out | remove | arret | block
unsubscribe | unsubcribe | unsubscrib | unsub | tc | t c | tchoi | tuchoi | tuchoinhantin | khongnhan | \
    khongnhantin | huydk | huydangky | dungnhan | dungnhannua | dungguinua
"""

# Names of people without their accents: a no only where nothing else is said.
REFUSALS_OR_NAMES = """
hủy | dừng
"""

# A no to saying no, a question whether, and a beginning that is no end: a person reads on.
NOT_MEANT = """
<deed> <of_it>* <done>+ (à!|hả!|hử!) $
<one_deed> (được|có|mới|xong|đến)* (1|2|3|một|hai|ba|vài|mấy) câu
(hủy|bỏ!|không|chẳng|chưa|đừng|đâu) (phải|muốn|có|cần|được|định|hề)* (từ chối|tc|hủy|dừng!|ngừng| \
    stop|xóa) | bỏ (từ chối|tc|stop)
(hủy|dừng|ngừng|từ chối|tc|stop) à! $
<register> [giúp|hộ] cho (mẹ|bố|ba|má|con|cháu|vợ|chồng|ông|bà|anh|chị|em)
"""

# Who is called or calls themselves Dừng or Hủy refuses nothing, nor who thanks in that name or signs with it.
# "Dừng, cảm ơn" is a no, "Dừng cảm ơn" is not: only the sign tells. "Dung nhan roi", "Huy dk thi roi": they
# have got it, they are registered; with its accents "Hủy đăng ký rồi" is no name.
CALLED = """
<thanks> (nhiều|rất|ạ|nhé|<you>)* ~ [<kin>] (dừng|hủy|ngừng) (ạ|nhé|nhiều|lắm)* $
[<kin>] (dừng|hủy|ngừng) (ạ|xin|rất|chân thành)* <thanks>
[<kin>] (dừng|hủy|ngừng) ơi
<named> nhận (được|đủ)* [<message>] (rồi|xong)+
<named> <register> [được] [<message>|<deed>] (rồi|xong|thành công)+
[tên] [<i>] (là|tên) (hủy|dừng|ngừng) [ạ] $
(hủy|dừng|ngừng) đây [ạ] $
"""

TOOK_PART = """
[<they>] [<when>] (đã|vừa|mới|cũng|đều|tự|<register> (và|rồi))+ <deed> (<of_it>|<done>|<when>)*
[<when>] [<they>] [có|<when>] <deed> <of_it>* [từ] [<when>] <done>+ [<when>]
[<they>] (đã|vừa|mới|tất cả)* xong (xuôi|[hết] cả <family>|cả|nhiệm vụ|[bài] thi|<done>)*
song (rồi|hết)+
bài [thi|làm] [của <i>] [đã] (nộp|làm|gửi|thi) <done>+ | bài [thi|làm] [của <i>] đã (nộp|làm|gửi)
nhiệm vụ [đã] (hoàn thành|xong) [rồi]
[đã] <score> [rồi]
[<they>] (hoàn thành|hoàn tất|ht) <of_it>* (xuất sắc|tốt|# [điểm]|<done>)*
[đã] thi (đỗ!|đậu!|đạt|được # điểm|trượt|rớt) [rồi]
[i] [have|am|m] [already] (done|did|finished|finish|completed|submitted|participated|took part) \
    (it|this|that|already|rồi)*
"""

# Both of a couple; without it "chồng tôi" is somebody else.
TOGETHER = """
[cả] [hai|2] vợ chồng
"""

# Another's deed is not the owner's of this number: which of them, a person finds out.
DONE_BY_OTHERS = """
(vợ|chồng|bạn|anh|chị|bố|mẹ|ông|bà|chú|bác|cô|em|hàng xóm|bạn bè|nó) (tôi|em|mình|cháu|ấy|ta|nhà)+ (đã| \
    vừa)* <deed>
"""

RETURNS = """
start [lại] | unstop | subscribe | resubscribe | resume | optin | opt in | dangky | nhanlai | dklai
([<i>] <want>|xin|cho [<i>])* <register> [lại] [nhận] [lại] [<message>] (trở|lại)*
([<i>] <want>|xin|cho [<i>]|vẫn)* (nhận [trở] lại|tiếp tục nhận) [<message>] (trở|lại|tiếp)*
([<i>] <want>|xin|cho [<i>]|vẫn)+ nhận <message> (trở|lại|tiếp|như cũ)*
nhận <message> (trở|lại|tiếp)+
(mở|bật|khôi phục) lại [<message>]
"""

# Why people refuse, and what they say beside having taken part.
REASONS = """
(mà|tại|thì|vì|sao|cớ)* (vẫn|cứ|còn|lại|mãi|hoài)+ (còn|cứ|bị|thấy|nhận|được)* (<send>|tin|nhận) \
    [<message>] <to_me> (nữa|hoài|mãi|vậy|thế|nhiều|suốt|liên tục|là sao|làm gì|à)* [?]
<number> <mine>
[<i>] [thấy|bị] (ồn! [ào]|rác|nản|chán|ghét|nhức đầu|đau đầu|mất thời gian|phiền) (quá|lắm|máy|rồi)*
(bà con|mọi người|ai)+ [cũng] [đã] (biết|rõ|hiểu) (cả|hết|rồi)*
<i> là [một|người|dân] (đảng viên|hội viên|đoàn viên|cán bộ|giáo viên|phụ huynh|học sinh|công chức|viên chức)
[làm] phiền (phức|quá|lắm|đi|hà|toái|vãi)* | mệt (mỏi|quá|lắm|rồi|ghê|thật)* | bực (mình|quá|lắm)* | khó chịu
(ngày|tuần|hôm|sáng|tối|lúc|giờ|bữa) nào cũng [bị|thấy|nhận] <send> [<message>] <to_me>
[<message>] (nhiều|<send>) (quá|nhiều|hoài|mãi|suốt|chi|làm gì|gì (nữa|vậy|thế|lắm)) (nữa|vậy|thế)*
[đã] (nhận|đọc|xem|hiểu|biết|rõ) [được] [<message>] rồi | đã (nhận|đọc|xem|hiểu|biết|rõ) [được] [<message>]
[nếu] còn <send> [<message>] [nữa]
không [thì] <i> [sẽ] (chặn|kiện|báo [công an])
<i> [sẽ] (chặn|kiện|báo công an) | (báo công an|báo nhà mạng) (giờ|đấy|luôn)*
<score> [rồi]
(một|mỗi|#) (ngày|tuần|tháng) (#|hai|ba|mấy|bao nhiêu) (tin|lần|cái) | [nhiều|#|lần thứ|lần] (lần|#) (này| \
    rồi|nữa)*
tốn (thời gian|dung lượng|tiền|bộ nhớ|pin)
[<i>] [đang] bận (lắm|quá|việc|rồi)* | <i> [đã] (già|lớn tuổi|cao tuổi) (yếu|rồi|lắm|cả)*
(già|lớn tuổi|cao tuổi) (yếu|rồi|lắm|cả)+ | [<i>] [đã] [ngoài] # tuổi [rồi]
[<i>] không [có] (nhu cầu|quan tâm|liên quan|cần|thích|rảnh|thời gian|hứng thú|hứng) (gì|nữa|đâu|đến|thiết)*
[<i>] không [còn] (phải|là) [là] [người|dân] (đảng viên|hội viên|đoàn viên|cán bộ|giáo viên|phụ huynh| \
    học sinh|công chức|viên chức|người|dân) [ở] [_] [_]
[<i>] không biết (gì|thi|làm|cách|về|đến) [_] [gì]
(<i>|ở đây) không (có|còn) ai [đi] _ [_]
[<i>] không (đọc|xem|nghe|nhìn) [được] [<message>] (đâu|nữa|gì)*
[<i>] không (biết|có|dùng|xài) (chữ|[điện thoại] thông minh|smartphone|mạng|internet|zalo|điện thoại)
(sai|nhầm|lộn) (số|người|máy) (rồi|điện thoại|đt)* | (gửi|nhắn) (nhầm|sai|lộn) (số|người|máy|rồi)*
[<number>] không phải [là|của] (<number>|<i>)+
<i> (đã|mới|vừa)* mất [rồi|lâu|năm|năm ngoái|#]+ | (qua đời|từ trần|chết) (rồi|lâu)*
[<i>] [đã] chuyển (đi|nhà|nơi ở|chỗ ở|khẩu|hộ khẩu|trường|công tác) (nơi khác|rồi|xã khác|chỗ khác)*
[<i>] (đang|đã)* (ở|đi) (nước ngoài|xa|nơi khác|xuất khẩu)
[đã] (nhắn|soạn|bảo!|nói) [rồi|là]
[<i>] (không|chưa) (thi|tham gia|làm [bài]) (được|đâu|nữa)*
"""

# What stands beside an answer and says nothing of its own.
COURTESIES = """
^ rồi | má!
thôi được rồi
(xin|rất|trân trọng|chân thành)* cảm ơn (nhiều|rất|trước|lắm)* [<you>] [đã (nhắc [nhở]|thông báo| \
    nhắn [tin]|gửi tin|báo|quan tâm)] | <thanks> | \
    please | pls | plz
xin lỗi | sorry | [mong] thông cảm | ok | oke | okie | okay | oki | yes | dạ | vâng | ừ | uh | um | à | \
    ờ | ạ | nhé | nhỉ | nè
đi | với | thôi | luôn | ngay | lập tức | giùm | dùm | giúp | hộ | xin [phép] | làm ơn | vui lòng | hãy | \
    đề nghị | yêu cầu | mong | nhờ
ơi | kính gửi | kính thưa | kính | chào | thưa | alo | hello | hi | báo cáo | trả lời | rất | cho | vậy | \
    thế | nên | mà | đấy | <this>
nhiều | lắm | quá | cứ | từ nay | từ giờ | sau này | lần sau | bây giờ | hiện (tại|nay) | là | thì! | \
    muốn
hoàn toàn | chúc | vui vẻ | sức khỏe | một ngày | tốt lành | tạm biệt | bye | thành công | đỡ | phiền | \
    trước | vì
<you> | <i>
"""

# Words that make a clear no a condition, or one about something else, wherever they stand.
DOUBTS = """
nếu | khi | hoặc | nhưng _ | gửi | nhắn | gọi | nhận | hướng dẫn | ntn | kiểu | lỗi | soạn | giờ | buổi | \
    chỉ | trừ | ?
"""

# Words that make it a question, or another's words, in the same clause: "tôi không nói đừng nhắn nữa".
# In a clause beside it they only say why: "Tôi không quen ai, đừng nhắn nữa".
DOUBTS_IN_CLAUSE = """
không | chưa | chẳng | đừng! | nào | sao | gì | ai | đâu | hỏi | hay | cách | được | phải | tưởng | how | \
    why | what | not
"""

# Things that people lose or move, and no person: "mất điện thoại".
THINGS_LOST = """
mất (điện thoại|máy|sim|số|mạng|sóng|điện|tiền|thời gian|công|tài khoản|mật khẩu|acc|zalo|liên lạc|quyền \
    |xe|ví|nước|ngủ)
chuyển (khoản|tiền|tin|lời|cho)
"""

# For the person who reads: what an answer is about. A hint decides nothing.
HINTS: Mapping[str, str] = {
    "dead": """
qua đời | từ trần | tạ thế | quy tiên | khuất núi | đã khuất | hy sinh | yên nghỉ | không còn (trên đời| \
    sống)
(bác|ông|bà|cụ|anh|chị|cô|chú|người) (ấy|đó|này|nhà|tôi|em)* không còn nữa
(đã|mới|vừa|bị) (chết|mất) | (chết|mất) (rồi|lâu|năm|từ|hôm|hồi|tết|tháng|được|#|cách đây|sớm)
""",
    "wrong-number": """
(sai|nhầm|lộn|lầm) (số|người|máy|sđt|sdt|đối tượng|địa chỉ|tên) | <send> (nhầm|sai|lộn|lầm) | wrong \
    (number|person|guy)
(nhầm|lộn|lầm) rồi
(<i>|<number>|đây) (không|đâu) [có] phải
không phải [là] [của] (<number>|<i>|người|phụ huynh|đảng viên|dân|cán bộ|giáo viên)
<number> [này] [là] [của] (người khác|con|cháu|vợ|chồng|đổi chủ|đã đổi|mới mua) | (đổi|thay) (số|sim| \
    chủ) | (mới|vừa) mua (sim|số) | [<number> <this>] <i> mới (dùng|xài|mua) [sim|số] | \
    (số|sim) [của] _ [_] [_] (đổi|thay|bỏ|khóa) rồi
không (quen|biết (ai|người)|có ai tên|có người|có ai (tên|là)|có con) | ở đây không có
""",
    "moved": """
chuyển (đi|nhà|khẩu|hộ khẩu|chỗ|nơi|trường|công tác|sinh hoạt|về|vào|ra|lên|sang|qua|xuống|cơ quan|xã|hết)
(đi|ở|sống|làm|sinh sống|định cư) [ở|tại] (nơi khác|chỗ khác|xã khác|tỉnh khác|nước ngoài|xa)
không còn (ở|cư trú|sinh sống|sinh hoạt|công tác|làm việc|học) | không (ở|sống|cư trú|công tác|học) (đây| \
    đó|xã|thôn|tại|trường|địa phương)
cắt khẩu | (đi|làm|học|làm việc|ở|sang) [ở|bên|tại] (nhật|hàn|đài loan|đức|mỹ|úc|nga|malaysia|nhật bản| \
    hàn quốc)
không [còn] (ở|sống|học|làm) _ [_] [_] nữa | (đi|lên|vào|ra|về) _ [_] làm ăn | làm ăn xa
(vào|lên|ra|về) (nam|sài gòn|hà nội|thành phố) (rồi|sống|ở|làm)
định cư | xuất khẩu lao động | xklđ | xkld | ra trường | nghỉ hưu | nghỉ việc | về hưu | thôi việc
""",
    "needs-help": """
không (vào|đăng nhập|mở|xem|thi|làm|truy cập|tải|nộp) được | không (vào|mở) (mạng|trang|web) | bị lỗi | \
    lỗi rồi | quên mật khẩu
không biết (cách|làm|thi|vào|dùng|sử dụng) | hướng dẫn | (giúp|chỉ) (em|tôi|bác|cháu|với|cách)
(làm|vào|thi) (thế nào|như thế nào|ở đâu|sao|kiểu gì|bằng cách nào) | không có (mạng|internet|điện thoại \
    |smartphone|máy tính|link) | link
""",
    "distrust": """
lừa [đảo] | giả mạo | mạo danh | công an | scam | có thật không
""",
}
