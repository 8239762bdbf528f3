"""Frequent syllables of commune lists: they decide where two readings are possible."""

from __future__ import annotations

from dispatcher.vietnamese.names import FAMILY_NAMES

_NAMES = """
    an anh ánh ân bách bảo bắc bé bích bình cảnh cẩm chi chí chiến chiểu chinh chung chương công cúc
    cường danh dân diễm diện diệp diệu dịu doanh du dung dũng duy duyên dương đại đạo đạt đăng điền
    điệp đình định đoàn độ đông đồng đức gấm gia giang giáp hà hạ hải hạnh hảo hân hằng hậu hiên
    hiền hiển hiệp hiếu hiệu hoa hoà hòa hoài hoan hoàn hoàng hoạt hồng huân huấn huế huệ hùng huy
    huyền huỳnh hưng hương hường hữu kha khai khang khánh khiêm khoa khôi khuê khương kiên kiệt kim
    lam lan lành lâm lân lập lê lệ liên liễu linh loan long lộc lợi luân luận luyến lực lương lượng
    lưu ly lý mạnh mận mẫn mây minh mơ mỹ nam năm nga ngà ngát ngân ngoan ngọc nguyên nguyệt nhã
    nhàn nhân nhật nhi nhiên nhinh nhung như nhường nữ nở oanh phát phấn phi phong phú phúc phụng
    phước phương phượng quang quân quế quốc quy quý quyên quyền quyết quỳnh sang sáng sáu sen sĩ
    sinh sơn sử tài tâm tân tấn tất thái tham thanh thành thạch thảo thao thắm thắng thế thêu thi
    thị thiên thiện thiệp thìn thịnh thọ thoa thoan thoả thơ thơm thu thuần thuận thuật thuỳ thùy
    thuỷ thủy thuý thúy thư thức thương thường tiên tiến tiệp tín tình toan toàn toản trà trang trâm
    trân tri trí triệu trinh trọng trúc trung trực trường tú tuân tuấn tuất tùng tuy tuyên tuyến
    tuyết tư từ tươi tường tưởng tứ ty uyên út vân văn viên viết việt vinh vĩnh vọng vũ vui vượng vỹ
    xoan xuân xuyến ý yên yến ưng thưởng vững khuyến mến sửu dậu dần tỵ hợi mùi thân tý ngoãn thuyên
    tuệ uyển vỵ ước đào đán nhạn nhạc nho phận quảng sớm soạn tạo tuyển thoại thuyết thục hoá hóa
    hoè hòe hoạch hới lưỡng miền miên nghĩa nghị nghiệp ninh phác phán quát thạo thất toại trại
    tráng trứ trưởng tuyền vạn vệ vịnh xướng
"""
_OFFICE = """
    ấp bà ban bản báo bảng bậc bí biên bộ cả các cán cao cấp chủ chức chi chị cho chỉ chính chuyển
    chú cô con có công còn của cũ cùng cụ cựu danh dân di dự đã đảng đại đăng đất đến địa điện điểm
    đoàn đội đồng động đơn đường em ghi gia giáo gửi hành hàng hệ hiện hiệu họ hoạt học hội hộ huyện
    huyệt kế khi không khu khối kiểm kinh ký là làm lãnh lao lập liên lớp lượng mã mẹ mặt mầm mất
    mới mục năm nam nay nghề nghỉ nghị nghiệp ngày người nhà nhân nhận nhiệm nhóm những nơi non nông
    nữ nước ông phó phòng phố phụ phường quan quản quận quê quốc quyết sách sản số sở sinh sự tác
    tại tập tế tên thành tháng thầy thể thị thiếu thôn thông thời thuộc thuế thường tiền tiểu tin
    tỉnh tổ tổng toàn tôi tốt trạm trên trị trợ trong trưởng trường trực từ tự tuổi tuyên uỷ ủy và
    vào văn về vị việc viên việt với vụ vườn xã xóm xuất y
"""
COMMON_SYLLABLES = frozenset(_NAMES.split()) | frozenset(_OFFICE.split()) | FAMILY_NAMES
